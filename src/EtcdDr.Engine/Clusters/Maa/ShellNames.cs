namespace EtcdDr.Engine.Clusters.Maa;

/// <summary>Names of a shell's variables.</summary>
internal static class ShellNames
{
    /// <summary>Whether there is nothing but letters, digits and underscores.</summary>
    public static bool ContainsOnlyNameCharacters(this ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }
}
