using EtcdDr.Engine.Ssh.HostKeys;

namespace EtcdDr.Engine.Ssh.Config;

/// <summary>What a <c>Match</c> line asks about.</summary>
/// <param name="Host">The host as far as the configuration has named it, <c>host</c>.</param>
/// <param name="OriginalHost">The host as it was asked for, <c>originalhost</c>.</param>
/// <param name="User">The remote user as far as the configuration has named one, <c>user</c>.</param>
/// <param name="LocalUser">The user of this machine, <c>localuser</c>.</param>
/// <param name="IsFinal">Whether the configuration is read for the second time.</param>
internal sealed record SshMatch(string Host, string OriginalHost, string User, string LocalUser, bool IsFinal)
{
    private static readonly string[] Valued =
    [
        "host",
        "originalhost",
        "user",
        "localuser",
        "exec",
        "localnetwork",
        "version",
        "tagged",
        "command",
        "sessiontype",
    ];

    /// <summary>Whether the lines below a <c>Match</c> are for this host.</summary>
    /// <param name="words">The words after <c>Match</c>.</param>
    public Answer Judge(IReadOnlyList<string> words)
    {
        var answer = new Answer(Applies: true);
        var criteria = 0;
        for (var at = 0; at < words.Count; at++)
        {
            var negated = words[at].StartsWith('!');
            var (name, value) = Split(negated ? words[at][1..] : words[at]);
            if (name == "all")
            {
                // It stands alone, or after final or canonical.
                return criteria > 1 || at + 1 < words.Count
                    ? answer with
                    {
                        Problem = Errors.SshConfigInvalid_MatchAll_Part,
                    }
                    : answer with
                    {
                        Applies = answer.Applies && !negated,
                    };
            }

            criteria++;
            if (name is "final" or "canonical")
            {
                answer = answer with
                {
                    Applies = answer.Applies && IsFinal != negated,
                    AsksForFinal = answer.AsksForFinal || (name == "final" && !negated),
                };
                continue;
            }

            value ??= ++at < words.Count ? words[at] : null;
            if (value is null or "")
                return answer with { Problem = Errors.SshConfigInvalid_Match_Part.With(name) };

            if (Holds(name, value) is not { } holds)
                answer = answer with { NotServed = answer.Applies ? name : answer.NotServed, Applies = false };
            else
                answer = answer with { Applies = answer.Applies && holds != negated };
        }

        return criteria > 0 ? answer : answer with { Problem = Errors.SshConfigInvalid_NoValue_Part.With("Match") };
    }

    private static (string Name, string? Value) Split(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = (equals < 0 ? word : word[..equals]).ToLowerInvariant();
        return equals > 0 && Valued.Contains(name) ? (name, word[(equals + 1)..]) : (word.ToLowerInvariant(), null);
    }

    private bool? Holds(string name, string value) =>
        name switch
        {
            "host" => HostPatternList.Matches(value.Split(','), Host),
            "originalhost" => HostPatternList.Matches(value.Split(','), OriginalHost),
            "user" => HostPatternList.Matches(value.Split(','), User, ignoreCase: false),
            "localuser" => HostPatternList.Matches(value.Split(','), LocalUser, ignoreCase: false),
            _ => null,
        };

    /// <summary>What a line says.</summary>
    /// <param name="Applies">Whether the lines below are for this host.</param>
    /// <param name="AsksForFinal">Whether the configuration is to be read a second time, with the host's final name.</param>
    /// <param name="NotServed">A criterion that is not served and decided; null for none.</param>
    /// <param name="Problem">What is wrong with the line; null for nothing.</param>
    internal sealed record Answer(bool Applies, bool AsksForFinal = false, string? NotServed = null, string? Problem = null);
}
