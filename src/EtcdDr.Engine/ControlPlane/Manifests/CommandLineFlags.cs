namespace EtcdDr.Engine.ControlPlane.Manifests;

/// <summary>
/// Flags of a Go program's command line: <c>--flag=value</c>, <c>--flag value</c>, with one dash or two (etcd's flag package takes both), a
/// flag without value being <c>true</c>. A flag can come several times.
/// </summary>
public sealed class CommandLineFlags
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    private CommandLineFlags() { }

    /// <summary>Names of the flags that are set.</summary>
    public IReadOnlyCollection<string> Names => _values.Keys;

    /// <summary>Reads the words after the program's name. A word alone, <c>--</c>, ends the flags.</summary>
    public static CommandLineFlags Parse(IReadOnlyList<string> words)
    {
        var flags = new CommandLineFlags();
        for (var i = 0; i < words.Count && words[i] != "--"; i++)
        {
            var word = words[i].Trim();
            if (!word.StartsWith('-') || word.TrimStart('-').Length == 0)
            {
                continue;
            }

            var name = word.TrimStart('-');
            var equals = name.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0)
            {
                flags.Add(name[..equals], name[(equals + 1)..]);
            }
            else if (i + 1 < words.Count && !words[i + 1].StartsWith('-'))
            {
                flags.Add(name, words[++i].Trim());
            }
            else
            {
                flags.Add(name, "true");
            }
        }

        return flags;
    }

    /// <summary>The last value of a flag, which is the one that counts; null if it is not set or empty.</summary>
    public string? Last(string name) => _values.TryGetValue(Key(name), out var values) && values[^1].Length > 0 ? values[^1] : null;

    /// <summary>All values of a flag that can come several times.</summary>
    public IReadOnlyList<string> All(string name) =>
        _values.TryGetValue(Key(name), out var values) ? [.. values.Where(v => v.Length > 0)] : [];

    /// <summary>All values of a flag whose values are lists separated by commas.</summary>
    public IReadOnlyList<string> List(string name) =>
        [.. All(name).SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    /// <summary>Sets a flag that the command line leaves out, as a program does from its environment.</summary>
    internal void SetDefault(string name, string value) => _values.TryAdd(Key(name), [value]);

    private void Add(string name, string value)
    {
        if (!_values.TryGetValue(Key(name), out var values))
        {
            _values[Key(name)] = values = [];
        }

        values.Add(value);
    }

    // Kubernetes' flags take an underscore for a dash.
    private static string Key(string name) => name.Replace('_', '-');
}
