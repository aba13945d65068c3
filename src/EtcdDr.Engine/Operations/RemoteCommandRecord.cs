namespace EtcdDr.Engine.Operations;

/// <summary>One remote command as logs record it. Never holds input, output or secrets.</summary>
/// <param name="Started">When it began, UTC.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Host">The node or host.</param>
/// <param name="Name">The command's name in the catalogue of remote commands, for example <c>controlplane.hold-manifest</c>.</param>
/// <param name="Arguments">Its arguments, as they stand on the remote command line.</param>
/// <param name="AsRoot">Whether it ran through sudo.</param>
/// <param name="ExitStatus">Its exit status; null if it did not end in an orderly way.</param>
/// <param name="Failure">Why it did not end in an orderly way, or the first line of its standard error if it failed; null
/// otherwise.</param>
public sealed record RemoteCommandRecord(
    DateTimeOffset Started,
    TimeSpan Duration,
    string Host,
    string Name,
    IReadOnlyList<string> Arguments,
    bool AsRoot,
    int? ExitStatus,
    string? Failure
);
