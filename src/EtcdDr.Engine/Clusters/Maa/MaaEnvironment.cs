namespace EtcdDr.Engine.Clusters.Maa;

/// <summary>Variables of a <c>maak8s.env</c>, read without executing anything of it.</summary>
internal sealed class MaaEnvironment
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];

    private MaaEnvironment() { }

    /// <summary>Values by name; the last assignment counts, as in a shell. The home directory stands as <c>~</c>.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>What was not understood, as sentences. They name lines and never quote them: a line may hold a secret.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Reads assignments, with or without <c>export</c>, quoted or not; variables that were assigned before are put in.</summary>
    public static MaaEnvironment Parse(string text)
    {
        var environment = new MaaEnvironment();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            environment.ReadLine(lines[i], i + 1);
        }

        return environment;
    }

    private void ReadLine(string line, int number)
    {
        if (ShellWords.Split(line, Value) is not { } words)
        {
            _notes.Add(
                $"Line {number} needs a shell to be understood (a substitution, an operator, an unknown variable or an open quote), "
                    + "and nothing of the file is run."
            );
            return;
        }

        if (!words.TrueForAll(IsUnderstood))
        {
            _notes.Add($"Line {number} is more than assignments, and nothing of the file is run.");
            return;
        }

        foreach (var assignment in words.Select(w => w.Split('=', 2)).Where(w => w.Length == 2))
        {
            _values[assignment[0]] = assignment[1];
        }
    }

    private bool IsUnderstood(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? word is "export" or ShellWords.Separator || _values.ContainsKey(word)
            : equals > 0 && word.AsSpan(0, equals).ContainsOnlyNameCharacters();
    }

    private string? Value(string name) =>
        _values.TryGetValue(name, out var value) ? value
        : name == "HOME" ? "~"
        : null;
}
