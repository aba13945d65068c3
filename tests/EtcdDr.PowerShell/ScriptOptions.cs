namespace EtcdDr.PowerShell;

/// <summary>How a script is run.</summary>
public sealed record ScriptOptions
{
    /// <summary>Variables that the script finds.</summary>
    public IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>();

    /// <summary>Modules (manifest or directory) that are imported first.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>View files (<c>.Format.ps1xml</c>) that are no part of a module.</summary>
    public IReadOnlyList<string> Formats { get; init; } = [];

    /// <summary>Cmdlet classes that are no part of a module, by name.</summary>
    public IReadOnlyDictionary<string, Type> Cmdlets { get; init; } = new Dictionary<string, Type>();

    /// <summary>Where what a console would show is written; null for nowhere.</summary>
    public TextWriter? Screen { get; init; } = Console.Out;

    /// <summary>Columns of the screen.</summary>
    public int Width { get; init; } = 120;

    /// <summary>Whether text is coloured.</summary>
    public bool Colour { get; init; } = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Whether progress is shown, one line for each change.</summary>
    public bool ShowProgress { get; init; } = true;

    /// <summary>Answers to prompts, in their order; a prompt without an answer fails, as under <c>-NonInteractive</c>.</summary>
    public IReadOnlyList<string> Answers { get; init; } = [];

    /// <summary>Name that the host gives itself; <c>ConsoleHost</c> is pwsh's.</summary>
    public string HostName { get; init; } = "EtcdDr.PowerShell";
}
