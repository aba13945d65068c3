using System.Text;

namespace EtcdDr.Engine.Ssh.Config;

/// <summary>One line of ssh_config: <c>Keyword value</c> or <c>Keyword=value</c>.</summary>
/// <param name="Keyword">The keyword.</param>
/// <param name="Rest">All that stands after it, as it is: commands and jump hosts are read from that.</param>
/// <param name="Words">The words of it; null if a quotation mark is not closed.</param>
internal sealed record SshConfigLine(string Keyword, string Rest, IReadOnlyList<string>? Words)
{
    private static readonly char[] Blanks = [' ', '\t', '\r', '\n'];
    private static readonly char[] KeywordEnds = [.. Blanks, '='];

    /// <summary>Reads a line; null for an empty one and for a comment.</summary>
    public static SshConfigLine? Parse(string line)
    {
        var text = line.TrimEnd([.. Blanks, '\f']).TrimStart(Blanks);
        if (text.Length == 0 || text[0] == '#')
            return null;

        var end = text.IndexOfAny(KeywordEnds);
        if (end < 0)
            return new SshConfigLine(text, string.Empty, []);

        // One "=" stands between keyword and value; later ones belong to the value.
        var rest = text[end..].TrimStart(Blanks);
        rest = rest.StartsWith('=') ? rest[1..].TrimStart(Blanks) : rest;
        return new SshConfigLine(text[..end].Trim('"'), rest, Split(rest));
    }

    /// <summary>
    /// Words between blanks. Single and double quotation marks hold words together, a backslash takes the meaning of quotation marks, of
    /// another one, and outside of quotation marks of a blank; <c>#</c> at the beginning of a word begins a comment. Null if a quotation
    /// mark is not closed.
    /// </summary>
    public static IReadOnlyList<string>? Split(string text)
    {
        var words = new List<string>();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is ' ' or '\t')
                continue;

            if (text[at] == '#')
                break;

            if (TakeWord(text, ref at) is not { } word)
                return null;

            words.Add(word);
        }

        return words;
    }

    private static string? TakeWord(string text, ref int at)
    {
        var word = new StringBuilder();
        char? quote = null;
        for (; at < text.Length; at++)
        {
            var character = text[at];
            if (
                character == '\\'
                && at + 1 < text.Length
                && (text[at + 1] is '\'' or '"' or '\\' || (quote is null && text[at + 1] == ' '))
            )
                word.Append(text[++at]);
            else if (quote is null && character is ' ' or '\t')
                break;
            else if (quote is null && character is '"' or '\'')
                quote = character;
            else if (character == quote)
                quote = null;
            else
                word.Append(character);
        }

        return quote is null ? word.ToString() : null;
    }
}
