namespace EtcdDr.Lab.ApiServer;

/// <summary>Something that is read anew at most once a second, where the real apiserver follows it by a watch, which lags about as
/// much.</summary>
internal sealed class Recent<T>(Func<CancellationToken, Task<T>> read)
    where T : class
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);
    private readonly Lock asking = new();
    private (long At, Task<T> Value)? known;

    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        lock (asking)
        {
            if (known is { Value.IsFaulted: false } fresh && TimeSpan.FromMilliseconds(Environment.TickCount64 - fresh.At) < Age)
                return fresh.Value.WaitAsync(cancellationToken);
            // For all who ask meanwhile: one of them that goes away does not take it from the others.
            var reading = read(CancellationToken.None);
            known = (Environment.TickCount64, reading);
            return reading.WaitAsync(cancellationToken);
        }
    }
}
