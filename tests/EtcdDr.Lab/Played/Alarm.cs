namespace EtcdDr.Lab.Played;

/// <summary>Lets a loop sleep until something happens or a time has passed; many rings before a wait count once.</summary>
internal sealed class Alarm : IDisposable
{
    private readonly SemaphoreSlim signal = new(0, 1);

    public void Ring()
    {
        try
        {
            signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // Rung already.
        }
    }

    /// <summary>True when rung, false when <paramref name="limit"/> passed.</summary>
    public Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        signal.WaitAsync(limit < TimeSpan.Zero ? TimeSpan.Zero : limit, cancellationToken);

    public void Dispose() => signal.Dispose();
}
