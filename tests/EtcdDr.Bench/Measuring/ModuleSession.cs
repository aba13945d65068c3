using System.Text.Json;
using EtcdDr.Lab.PowerShell;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Bench.Measuring;

/// <summary>
/// A pwsh with the module imported, whose peak memory is that of a user's session. A scenario has one for all its runs: the first run,
/// which loads and compiles what it uses, is the pair that does not count, and is shown beside the others.
/// </summary>
internal sealed class ModuleSession : IAsyncDisposable
{
    private readonly PwshSession _session;
    private readonly bool _watched;

    private ModuleSession(PwshSession session, bool watched)
    {
        _session = session;
        _watched = watched;
    }

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

        var session = new ModuleSession(PwshSession.Start(environment: environment, quiet: true), watchMemory);
        await session.AskAsync($"Import-Module '{StagedModule.Find()}'", cancellationToken);
        if (watchMemory)
        {
            // The collector tells of its heap in its own process only. This assembly needs nothing there but the base library.
            await session.AskAsync(
                $"$type = [Reflection.Assembly]::LoadFrom('{BenchProgram.Assembly}').GetType('{typeof(MemoryWatch).FullName}'); "
                    + "$watch = [Activator]::CreateInstance($type, $true)",
                cancellationToken
            );
        }

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
        var answer = await AskAsync(script, cancellationToken);
        var highest = _watched
            ? JsonSerializer.Deserialize<MemoryReading>((await AskAsync("$watch.Text()", cancellationToken)).Output.Single())
            : null;
        return new ModuleAnswer(answer.Seconds, ProcessMemory.PeakKiB(_session.ProcessId), highest, answer.Output);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private async Task<PwshAnswer> AskAsync(string script, CancellationToken cancellationToken)
    {
        var answer = await _session.AskAsync(script, cancellationToken);
        return answer.Error is null ? answer : throw new LabException($"'{script}' failed: {answer.Error}");
    }
}
