namespace EtcdDr.Engine.Ssh.Config;

/// <summary>One name of a path with wildcards, as fnmatch(3) matches it for glob(3): <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a-z]</c>,
/// <c>[[:digit:]]</c>, <c>\</c>.</summary>
internal sealed class GlobPattern
{
    private readonly List<Part> _parts = [];
    private readonly bool _dotted;

    /// <summary>Reads a pattern.</summary>
    public GlobPattern(string text)
    {
        _dotted = text.StartsWith('.') || text.StartsWith("\\.", StringComparison.Ordinal);
        for (var at = 0; at < text.Length; )
            _parts.Add(Next(text, ref at));
    }

    /// <summary>Whether it is more than the name of one file.</summary>
    public bool HasWildcards => _parts.Exists(part => part.Literal is null);

    /// <summary>The name, where it has no wildcards.</summary>
    public string Name => string.Concat(_parts.Select(part => part.Literal));

    /// <summary>Whether a name matches. One that begins with a dot does so only where the pattern begins with it too.</summary>
    public bool Matches(string name)
    {
        if (name.StartsWith('.') && !_dotted)
            return false;

        // Goes back to the last star only, so it is linear in pattern times name whatever they hold.
        var (part, at, star, restart) = (0, 0, -1, 0);
        while (at < name.Length)
        {
            if (part < _parts.Count && _parts[part].IsStar)
                (star, restart) = (part++, at);
            else if (part < _parts.Count && _parts[part].Takes(name[at]))
                (part, at) = (part + 1, at + 1);
            else if (star >= 0)
                (part, at) = (star + 1, ++restart);
            else
                return false;
        }

        return _parts.Skip(part).All(rest => rest.IsStar);
    }

    private static Part Next(string text, ref int at)
    {
        var character = text[at++];
        switch (character)
        {
            case '*':
                return new Part(IsStar: true, null, _ => true);
            case '?':
                return new Part(IsStar: false, null, _ => true);
            case '[' when Set(text, ref at) is { } set:
                return set;
            case '\\' when at < text.Length:
                character = text[at++];
                break;
        }

        return new Part(IsStar: false, character, other => other == character);
    }

    // A bracket that is not closed is itself.
    private static Part? Set(string text, ref int at)
    {
        var first = at < text.Length && text[at] is '!' or '^' ? at + 1 : at;
        var end = first < text.Length && text[first] == ']' ? first + 1 : first;
        while (end < text.Length && text[end] != ']')
        {
            var named =
                text[end] == '[' && end + 1 < text.Length && text[end + 1] == ':'
                    ? text.IndexOf(":]", end + 2, StringComparison.Ordinal)
                    : -1;
            end = named < 0 ? end + 1 : named + 2;
        }

        if (end >= text.Length)
            return null;

        var negated = first > at;
        var members = Members(text[first..end]);
        at = end + 1;
        return new Part(IsStar: false, null, character => members.Exists(member => member(character)) != negated);
    }

    private static List<Func<char, bool>> Members(string set)
    {
        var members = new List<Func<char, bool>>();
        for (var at = 0; at < set.Length; at++)
        {
            if (
                set[at..].StartsWith("[:", StringComparison.Ordinal)
                && set.IndexOf(":]", at, StringComparison.Ordinal) is >= 0 and var close
            )
            {
                members.Add(Class(set[(at + 2)..close]));
                at = close + 1;
                continue;
            }

            var low = set[at];
            if (at + 2 < set.Length && set[at + 1] == '-')
            {
                var high = set[at += 2];
                members.Add(character => character >= low && character <= high);
            }
            else
            {
                members.Add(character => character == low);
            }
        }

        return members;
    }

    private static Func<char, bool> Class(string name) =>
        name switch
        {
            "alnum" => char.IsAsciiLetterOrDigit,
            "alpha" => char.IsAsciiLetter,
            "digit" => char.IsAsciiDigit,
            "lower" => char.IsAsciiLetterLower,
            "upper" => char.IsAsciiLetterUpper,
            "xdigit" => char.IsAsciiHexDigit,
            "space" => char.IsWhiteSpace,
            "punct" => character => char.IsAscii(character) && (char.IsPunctuation(character) || char.IsSymbol(character)),
            _ => _ => false,
        };

    private sealed record Part(bool IsStar, char? Literal, Func<char, bool> Takes);
}
