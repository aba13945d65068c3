namespace EtcdDr.Engine.Ssh.HostKeys;

/// <summary>Lists of host patterns as known_hosts and ssh_config have them: <c>*</c>, <c>?</c>, and <c>!</c> for "but not".</summary>
internal static class HostPatternList
{
    /// <summary>Whether a name matches one of the patterns and none of the negated ones.</summary>
    /// <param name="patterns">The patterns.</param>
    /// <param name="name">The name.</param>
    /// <param name="ignoreCase">Whether the case of letters makes no difference: it makes one in <c>Host</c> lines and in names of
    /// users.</param>
    public static bool Matches(IEnumerable<string> patterns, string name, bool ignoreCase = true)
    {
        var matched = false;
        foreach (var pattern in patterns)
        {
            var negated = pattern.StartsWith('!');
            if (!MatchesOne(negated ? pattern.AsSpan(1) : pattern, name, ignoreCase))
                continue;

            if (negated)
                return false;

            matched = true;
        }

        return matched;
    }

    private static bool Same(char one, char other, bool ignoreCase) =>
        one == other || (ignoreCase && char.ToLowerInvariant(one) == char.ToLowerInvariant(other));

    // Backtracks to the last star only, so it is linear in pattern times name whatever they hold.
    private static bool MatchesOne(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name, bool ignoreCase)
    {
        var (p, n, star, restart) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, restart) = (p++, n);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || Same(pattern[p], name[n], ignoreCase)))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++restart;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].Trim('*').IsEmpty;
    }
}
