namespace EtcdDr.Engine.Restore;

/// <summary>Runs steps that depend on each other as little as may be: side by side, each after its prerequisites, each again until it
/// succeeds or its time is over. One that fails keeps no other from its work.</summary>
internal static class ConvergeSteps
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // Asked again, these say the same.
    private static readonly HashSet<string> Final = new(StringComparer.Ordinal)
    {
        "EtcdMembersDisagree",
        "KubeApiUnauthorized",
        "KubeApiForbidden",
        "KubeApiCertificateUntrusted",
    };

    /// <summary>Runs them.</summary>
    /// <param name="steps">The steps; each names only earlier ones as its prerequisites.</param>
    /// <param name="run">Runs one attempt's frame: begins and ends the step in the journal.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limit">How long a step is tried again.</param>
    /// <param name="cancellationToken">Stops all.</param>
    /// <returns>The steps that failed, with the last reason.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static async Task<IReadOnlyDictionary<string, EtcdDrException>> RunAsync(
        IReadOnlyList<ConvergeStep> steps,
        Func<string, Func<CancellationToken, Task<string?>>, CancellationToken, Task> run,
        TimeProvider time,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        var ends = new Dictionary<string, Task<EtcdDrException?>>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            Task[] before = [.. step.After.Where(ends.ContainsKey).Select(name => ends[name])];
            ends[step.Name] = OneAsync(step, before);
        }

        await Task.WhenAll(ends.Values);
        return ends.Where(e => e.Value.Result is not null).ToDictionary(e => e.Key, e => e.Value.Result!, StringComparer.Ordinal);

        async Task<EtcdDrException?> OneAsync(ConvergeStep step, Task[] before)
        {
            await Task.WhenAll(before);
            try
            {
                await run(step.Name, ct => UntilAsync(step.Work, time, limit, ct), cancellationToken);
                return null;
            }
            catch (EtcdDrException e)
            {
                return e;
            }
        }
    }

    private static async Task<string?> UntilAsync(
        Func<CancellationToken, Task<string?>> work,
        TimeProvider time,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        var deadline = time.GetUtcNow() + limit;
        while (true)
        {
            try
            {
                return await work(cancellationToken);
            }
            catch (EtcdDrException e) when (!Final.Contains(e.ErrorId) && time.GetUtcNow() < deadline)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }
}
