namespace EtcdDr.Engine.Ssh.HostKeys;

/// <summary>Lists of host patterns as known_hosts and ssh_config have them: <c>*</c>, <c>?</c>, and <c>!</c> for "but not".</summary>
internal static class HostPatternList
{
    /// <summary>Whether a name matches one of the patterns and none of the negated ones; letters' case does not matter.</summary>
    public static bool Matches(IEnumerable<string> patterns, string name)
    {
        var matched = false;
        foreach (var pattern in patterns)
        {
            var negated = pattern.StartsWith('!');
            if (!MatchesOne(negated ? pattern.AsSpan(1) : pattern, name))
                continue;

            if (negated)
                return false;

            matched = true;
        }

        return matched;
    }

    // Backtracks to the last star only, so it is linear in pattern times name whatever they hold.
    private static bool MatchesOne(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (p, n, star, restart) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, restart) = (p++, n);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || char.ToLowerInvariant(pattern[p]) == char.ToLowerInvariant(name[n])))
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
