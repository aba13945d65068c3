using System.Diagnostics;
using System.Text.Json;
using EtcdDr.Lab.PowerShell;
using EtcdDr.PowerShell;

namespace EtcdDr.Bench.Measuring;

/// <summary>
/// <c>session</c>: the other end of <see cref="ModuleSession"/>. A hosted PowerShell with the module imported, in a process of its own, so that its
/// peak memory is that of a user's session: reads scripts as lines of JSON, runs each, and answers with a line of JSON.
/// </summary>
internal static class SessionCommand
{
    public static BenchCommand Command { get; } = new("session", "[--bare] [--memory]", "(internal) runs scripts that come by standard input, each a JSON string", RunAsync);

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        string[] modules = args.Contains("--bare") ? [] : [StagedModule.Find()];
        await using var session = await PowerShellSession.OpenAsync(new ScriptOptions { Modules = modules, Screen = null, ShowProgress = false });
        using var memory = args.Contains("--memory") ? new MemoryWatch() : null;
        await AnswerAsync(new ModuleAnswer(0, ProcessMemory.PeakKiB(), memory?.Highest, [], null));
        while (await Console.In.ReadLineAsync(cancellationToken) is { Length: > 0 } line)
        {
            var started = Stopwatch.GetTimestamp();
            var result = await session.RunAsync(JsonSerializer.Deserialize<string>(line)!, cancellationToken);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var error = result.Terminating ?? (result.Errors.Count > 0 ? result.Errors[^1] : null);
            await AnswerAsync(new ModuleAnswer(
                seconds, ProcessMemory.PeakKiB(), memory?.Highest, [.. result.Output.Select(o => o.ToString())], result.ExitCode == 0 && result.Terminating is null && error is null ? null : $"{error}"));
        }

        return 0;
    }

    private static Task AnswerAsync(ModuleAnswer answer) => Console.Out.WriteLineAsync(JsonSerializer.Serialize(answer));
}
