using System.Text;

namespace EtcdDr.Engine.Ssh.Config;

/// <summary>One line of ssh_config: <c>Keyword value</c> or <c>Keyword=value</c>; values may stand in quotation marks, <c>#</c> begins a comment.</summary>
internal static class SshConfigLine
{
    /// <summary>The words of a line; none for an empty line or a comment, null if a quotation mark is not closed.</summary>
    public static IReadOnlyList<string>? Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        var quoted = false;
        foreach (var character in line)
        {
            // The first "=" stands between keyword and value; later ones belong to a value.
            var separates = !quoted && (char.IsWhiteSpace(character) || (character == '=' && (words.Count == 0 || (words.Count == 1 && !inWord))));
            if (character == '"')
            {
                quoted = !quoted;
                inWord = true;
            }
            else if (!quoted && !inWord && character == '#')
            {
                break;
            }
            else if (!separates)
            {
                word.Append(character);
                inWord = true;
            }
            else if (inWord)
            {
                words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
        }

        if (quoted)
            return null;

        if (inWord)
            words.Add(word.ToString());

        return words;
    }
}
