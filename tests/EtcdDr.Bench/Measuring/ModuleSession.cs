using System.Diagnostics;
using System.Text.Json;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Bench.Measuring;

/// <summary>
/// A PowerShell with the module imported, in a process of its own, so that its peak memory is that of a user's session. A scenario has one for all its
/// runs: the first run, which loads and compiles what it uses, is the pair that does not count, and is shown beside the others.
/// </summary>
internal sealed class ModuleSession : IAsyncDisposable
{
    private readonly Process _process;

    private ModuleSession(Process process) => _process = process;

    /// <summary>Starts one and waits until the module is imported.</summary>
    /// <param name="profile">The profile (etcddr.yaml) that its cmdlets use; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="watchMemory">Its answers say of what its peak memory consists.</param>
    public static async Task<ModuleSession> StartAsync(string? profile, CancellationToken cancellationToken, bool watchMemory = false)
    {
        var environment = new Dictionary<string, string>();
        if (profile is not null)
        {
            environment["ETCDDR_PROFILE"] = profile;
        }

        string[] arguments = watchMemory ? [BenchProgram.Assembly, "session", "--memory"] : [BenchProgram.Assembly, "session"];
        var session = new ModuleSession(Tool.Start(BenchProgram.Dotnet, arguments, environment));
        await session.ReadAsync(cancellationToken);
        return session;
    }

    /// <summary>Runs a script and tells how long it took.</summary>
    public async Task<Measurement> MeasureAsync(string script, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(script, cancellationToken);
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
