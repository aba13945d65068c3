namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>The write that makes files in a bucket a snapshot.</summary>
internal static class MarkPublication
{
    /// <summary>
    /// Writes the mark if none is there. A bucket that ignores the condition is found out by writing the same once more, which one that
    /// minds it refuses; there users are told what they cannot rely on.
    /// </summary>
    /// <exception cref="BucketFailure"><see cref="BucketFailureKind.Exists"/>: another was first.</exception>
    public static async Task PublishAsync(
        ObjectStore store,
        IObjectBucket bucket,
        string path,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        var key = store.Key(path);
        if (await bucket.StatAsync(key, cancellationToken) is not null)
        {
            throw StoreErrors.Exists(store.FullPath(path));
        }

        try
        {
            await bucket.PutAsync(key, content, onlyNew: true, cancellationToken);
        }
        catch (BucketFailure failure) when (failure.Kind == BucketFailureKind.Exists)
        {
            // Ours, if the answer to a first attempt was lost.
            if (!await IsAsync(store, path, content, cancellationToken))
            {
                throw;
            }

            return;
        }

        if (await IgnoresConditionsAsync(bucket, key, content, cancellationToken))
        {
            store.Warn(
                $"'{bucket.Address}' ignores the condition that an object is only written where none is (If-None-Match: *). A snapshot is "
                    + "published there all the same, but of two commands that publish one of the same name at once the second replaces the "
                    + "first one's manifest. Let only one machine write there."
            );
        }
    }

    private static async Task<bool> IsAsync(
        ObjectStore store,
        string path,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        await using var there = await store.OpenReadAsync(path, 0, cancellationToken);
        using var bytes = new MemoryStream();
        await using var bounded = new BoundedStream(there, content.Length + 1);
        await bounded.CopyToAsync(bytes, cancellationToken);
        return bytes.GetBuffer().AsSpan(0, (int)bytes.Length).SequenceEqual(content.Span);
    }

    private static async Task<bool> IgnoresConditionsAsync(
        IObjectBucket bucket,
        string key,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await bucket.PutAsync(key, content, onlyNew: true, cancellationToken);
            return true;
        }
        catch (BucketFailure failure) when (failure.Kind == BucketFailureKind.Exists)
        {
            return false;
        }
        catch (BucketFailure)
        {
            // It is published; that it could not be asked is no reason to say otherwise.
            return false;
        }
    }
}
