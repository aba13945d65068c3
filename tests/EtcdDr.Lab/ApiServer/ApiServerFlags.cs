namespace EtcdDr.Lab.ApiServer;

/// <summary>The flags of kube-apiserver: <c>--name=value</c>, repeated or comma-separated where the real one takes lists.</summary>
internal sealed class ApiServerFlags
{
    private readonly Dictionary<string, List<string>> values = [];

    public ApiServerFlags(IEnumerable<string> args)
    {
        foreach (var arg in args.Where(a => a.StartsWith("--", StringComparison.Ordinal)))
        {
            var parts = arg[2..].Split('=', 2);
            if (!values.TryGetValue(parts[0], out var list))
                values[parts[0]] = list = [];
            list.Add(parts.Length == 2 ? parts[1] : "true");
        }
    }

    public string? this[string name] => values.TryGetValue(name, out var list) ? list[^1] : null;

    public string Required(string name) => this[name] ?? throw new InvalidDataException($"Error: --{name} is required");

    public IReadOnlyList<string> All(string name) =>
        values.TryGetValue(name, out var list) ? [.. list.SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries))] : [];
}
