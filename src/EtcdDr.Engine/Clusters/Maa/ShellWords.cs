using System.Text;

namespace EtcdDr.Engine.Clusters.Maa;

/// <summary>Splits a line into words as a POSIX shell does, and gives up at whatever only a shell could tell.</summary>
internal sealed class ShellWords
{
    private readonly string _line;
    private readonly Func<string, string?> _variables;
    private readonly List<string> _words = [];
    private readonly StringBuilder _word = new();
    private bool _inWord;
    private char _quote;
    private int _at;

    private ShellWords(string line, Func<string, string?> variables)
    {
        _line = line;
        _variables = variables;
    }

    /// <summary>What separates commands on one line.</summary>
    public const string Separator = ";";

    /// <summary>The words, separators among them; null where only a shell could tell.</summary>
    /// <param name="line">The line; a comment at its end is passed over.</param>
    /// <param name="variables">Values of variables; null for those that are not known.</param>
    public static List<string>? Split(string line, Func<string, string?> variables)
    {
        var reader = new ShellWords(line, variables);
        while (reader._at < line.Length && !reader.IsComment)
        {
            if (!reader.Step(line[reader._at++]))
            {
                return null;
            }
        }

        reader.EndWord();
        return reader._quote == '\0' ? reader._words : null;
    }

    private bool IsComment => _line[_at] == '#' && !_inWord && _quote == '\0';

    private bool Step(char c)
    {
        if (_quote == '\'')
        {
            return c == '\'' ? EndQuote() : Take(c);
        }

        return c switch
        {
            '$' => TakeVariable(),
            '`' or '\\' => false,
            '"' when _quote == '"' => EndQuote(),
            _ when _quote == '"' => Take(c),
            '\'' or '"' => BeginQuote(c),
            ' ' or '\t' => EndWord(),
            ';' => EndCommand(),
            '|' or '&' or '<' or '>' or '(' or ')' or '*' or '?' => false,
            _ => Take(c),
        };
    }

    private bool TakeVariable()
    {
        var braced = _at < _line.Length && _line[_at] == '{';
        var start = braced ? _at + 1 : _at;
        var end = start;
        while (end < _line.Length && _line.AsSpan(end, 1).ContainsOnlyNameCharacters())
        {
            end++;
        }

        if ((braced && (end == _line.Length || _line[end] != '}')) || _variables(_line[start..end]) is not { } value)
        {
            return false;
        }

        _at = braced ? end + 1 : end;
        _word.Append(value);
        return _inWord = true;
    }

    private bool Take(char c)
    {
        _word.Append(c);
        return _inWord = true;
    }

    private bool BeginQuote(char quote)
    {
        _quote = quote;
        return _inWord = true;
    }

    private bool EndQuote()
    {
        _quote = '\0';
        return true;
    }

    private bool EndCommand()
    {
        EndWord();
        _words.Add(Separator);
        return true;
    }

    private bool EndWord()
    {
        if (_inWord)
        {
            _words.Add(_word.ToString());
            _word.Clear();
            _inWord = false;
        }

        return true;
    }
}
