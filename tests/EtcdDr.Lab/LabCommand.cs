namespace EtcdDr.Lab;

/// <summary>A subcommand of the lab's program.</summary>
/// <param name="Name">What is typed.</param>
/// <param name="Usage">Its arguments.</param>
/// <param name="Summary">What it does, in one line.</param>
/// <param name="RunAsync">Runs it with the arguments that follow its name; gives the process's exit code. The token is cancelled by Ctrl-C
/// and SIGTERM.</param>
public sealed record LabCommand(string Name, string Usage, string Summary, Func<string[], CancellationToken, Task<int>> RunAsync);
