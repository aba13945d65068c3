using System.Diagnostics;
using System.Text.Json;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Bench.Measuring;

/// <summary>
/// A PowerShell with the module imported, in a process of its own. Each measured run has a fresh one, as a job or an operator has who opens a console
/// at night: what the first use of a cmdlet costs (loading, compiling) is part of the time; starting PowerShell and importing is not.
/// </summary>
internal sealed class ModuleSession : IAsyncDisposable
{
    private readonly Process _process;

    private ModuleSession(Process process) => _process = process;

    /// <summary>Starts one and waits until the module is imported.</summary>
    /// <param name="profile">The profile (etcddr.yaml) that its cmdlets use; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ModuleSession> StartAsync(string? profile, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>();
        if (profile is not null)
        {
            environment["ETCDDR_PROFILE"] = profile;
        }

        var session = new ModuleSession(Tool.Start(BenchProgram.Dotnet, [BenchProgram.Assembly, "session"], environment));
        await session.ReadAsync(cancellationToken);
        return session;
    }

    /// <summary>Runs one script in a fresh session.</summary>
    /// <param name="profile">The profile; null for none.</param>
    /// <param name="before">Runs before it and is not timed; null for nothing.</param>
    /// <param name="script">What is timed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Measurement> MeasureAsync(string? profile, string? before, string script, CancellationToken cancellationToken)
    {
        await using var session = await StartAsync(profile, cancellationToken);
        if (before is not null)
        {
            await session.RunAsync(before, cancellationToken);
        }

        var answer = await session.RunAsync(script, cancellationToken);
        return new Measurement(answer.Seconds, answer.PeakKiB);
    }

    /// <summary>Runs a script in this session.</summary>
    /// <exception cref="LabException">It wrote an error.</exception>
    public async Task<ModuleAnswer> RunAsync(string script, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(script).AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        var answer = await ReadAsync(cancellationToken);
        return answer.Error is null ? answer : throw new LabException($"'{script}' failed: {answer.Error}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task<ModuleAnswer> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new LabException($"The session ended: {await _process.StandardError.ReadToEndAsync(cancellationToken)}");
        return JsonSerializer.Deserialize<ModuleAnswer>(line)!;
    }
}
