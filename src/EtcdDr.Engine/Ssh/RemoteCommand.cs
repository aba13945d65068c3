namespace EtcdDr.Engine.Ssh;

/// <summary>
/// A command for a remote host: a constant POSIX shell script, and arguments that the script sees as <c>$1</c>, <c>$2</c> and so on. The
/// script is fixed text in the source; whatever varies is an argument, and arguments are always quoted. Scripts stand in one catalogue
/// class per subject.
/// </summary>
/// <param name="Name">Name in the catalogue, <c>subject.verb</c>; logs and docs/remote-commands.md use it.</param>
/// <param name="Script">The script, run by <c>sh -c</c>. Never holds a secret or a value.</param>
public sealed record RemoteCommand(string Name, string Script)
{
    /// <summary>Arguments, <c>$1</c> onwards. They show in the remote process list, so never a secret.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Whether it runs through sudo.</summary>
    public bool AsRoot { get; init; } = true;

    /// <summary>Limit for the whole run. It holds on the remote side too (<c>timeout</c>), so a lost connection leaves nothing
    /// running.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Exit statuses, besides 0, that are an answer and not a failure.</summary>
    public IReadOnlyList<int> AcceptedStatuses { get; init; } = [];

    /// <summary>Whether its output may be logged or shown in errors; false for whatever reads keys.</summary>
    public bool OutputIsSecret { get; init; }

    /// <summary>The same command with these arguments.</summary>
    public RemoteCommand With(params string[] arguments) => this with { Arguments = arguments };
}
