namespace EtcdDr.Bench;

/// <summary>A subcommand of the bench.</summary>
/// <param name="Name">What is typed.</param>
/// <param name="Usage">Its arguments.</param>
/// <param name="Summary">What it does, in one line.</param>
/// <param name="RunAsync">Runs it with the arguments that follow its name; gives the process's exit code.</param>
public sealed record BenchCommand(string Name, string Usage, string Summary, Func<string[], CancellationToken, Task<int>> RunAsync);
