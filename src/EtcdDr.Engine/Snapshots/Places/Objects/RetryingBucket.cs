namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>
/// Repeats requests that may work a moment later, with growing pauses, for as long as a server takes to restart. The pauses have a random
/// part, so that parts that failed together do not come back together. All requests of a bucket may be repeated.
/// </summary>
internal sealed class RetryingBucket(IObjectBucket bucket, TimeProvider time, Action<string> tell) : IObjectBucket
{
    // A part that arrives wrong again and again, or a clock that cannot be followed, is no matter of waiting.
    private const int MostForDamage = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>How long is tried at most.</summary>
    internal TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public string Address => bucket.Address;

    /// <inheritdoc/>
    public int SmallestPart => bucket.SmallestPart;

    /// <inheritdoc/>
    public int MostParts => bucket.MostParts;

    /// <inheritdoc/>
    public Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken) =>
        RetryAsync(() => bucket.StatAsync(key, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectPage<StoredObject>> ListAsync(string prefix, string? next, CancellationToken cancellationToken) =>
        RetryAsync(() => bucket.ListAsync(prefix, next, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectContent> ReadAsync(string key, long offset, int? length, string? version, CancellationToken cancellationToken) =>
        RetryAsync(() => bucket.ReadAsync(key, offset, length, version, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<string> PutAsync(string key, ReadOnlyMemory<byte> content, bool onlyNew, CancellationToken cancellationToken) =>
        RetryAsync(() => bucket.PutAsync(key, content, onlyNew, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        RetryAsync(() => DoneAsync(bucket.DeleteAsync(keys, cancellationToken)), cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectPage<PartsUpload>> UploadsAsync(string prefix, string? next, CancellationToken cancellationToken) =>
        RetryAsync(() => bucket.UploadsAsync(prefix, next, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<PartsUpload> BeginAsync(string key, CancellationToken cancellationToken) =>
        RetryAsync(() => bucket.BeginAsync(key, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectPage<ObjectPart>> PartsAsync(PartsUpload upload, string? next, CancellationToken cancellationToken) =>
        RetryAsync(() => bucket.PartsAsync(upload, next, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectPart> PutPartAsync(
        PartsUpload upload,
        int number,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) => RetryAsync(() => bucket.PutPartAsync(upload, number, content, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public bool Holds(ObjectPart part, ReadOnlySpan<byte> content) => bucket.Holds(part, content);

    /// <inheritdoc/>
    public Task<string> CompleteAsync(
        PartsUpload upload,
        IReadOnlyList<ObjectPart> parts,
        bool onlyNew,
        CancellationToken cancellationToken
    ) => RetryAsync(() => bucket.CompleteAsync(upload, parts, onlyNew, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task AbortAsync(PartsUpload upload, CancellationToken cancellationToken) =>
        RetryAsync(() => DoneAsync(bucket.AbortAsync(upload, cancellationToken)), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => bucket.Dispose();

    private static async Task<bool> DoneAsync(Task task)
    {
        await task;
        return true;
    }

    private async Task<T> RetryAsync<T>(Func<Task<T>> request, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await request();
            }
            catch (BucketFailure failure) when (failure.MayPass && MayTryAgain(failure, attempt, began))
            {
                var pause = Pause(attempt);
                tell($"{Address}: {failure.Message} It is tried again in {pause.TotalSeconds:0.0} s.");
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    private bool MayTryAgain(BucketFailure failure, int attempt, long began) =>
        failure.Kind == BucketFailureKind.Transient ? time.GetElapsedTime(began) < Limit : attempt < MostForDamage;

    private static TimeSpan Pause(int attempt)
    {
        var longest = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 16)));
        return TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
