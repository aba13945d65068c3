namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>
/// What a provider of object storage does: small operations, each of which is one request and may be repeated. How snapshots lie in a
/// bucket is <see cref="ObjectStore"/>'s business, and retrying is <see cref="RetryingBucket"/>'s. Each failure is a
/// <see cref="BucketFailure"/>.
/// </summary>
internal interface IObjectBucket : IDisposable
{
    /// <summary>The bucket as users write it, for example <c>s3://backups</c>.</summary>
    string Address { get; }

    /// <summary>The smallest size of a part that is not the last, bytes.</summary>
    int SmallestPart { get; }

    /// <summary>How many parts an object may have.</summary>
    int MostParts { get; }

    /// <summary>What a key names; null for nothing.</summary>
    Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken);

    /// <summary>Objects whose keys begin so, in the order of their keys.</summary>
    /// <param name="prefix">What the keys begin with.</param>
    /// <param name="next">What the part before said; null for the first.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<ObjectPage<StoredObject>> ListAsync(string prefix, string? next, CancellationToken cancellationToken);

    /// <summary>Opens an object from an offset on, where it is of that version (null for whichever is there).</summary>
    Task<ObjectContent> ReadAsync(string key, long offset, string? version, CancellationToken cancellationToken) =>
        ReadAsync(key, offset, null, version, cancellationToken);

    /// <summary>The same, no more than so many bytes of it; null for all.</summary>
    Task<ObjectContent> ReadAsync(string key, long offset, int? length, string? version, CancellationToken cancellationToken);

    /// <summary>Writes a small object, whole or not at all; the bucket checks its SHA-256.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="content">Its content.</param>
    /// <param name="onlyNew">Whether it must not exist (<see cref="BucketFailureKind.Exists"/> where it does and the bucket minds).</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Its version.</returns>
    Task<string> PutAsync(string key, ReadOnlyMemory<byte> content, bool onlyNew, CancellationToken cancellationToken);

    /// <summary>Removes objects; nothing happens to those that are not there.</summary>
    Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Uploads in parts that were begun and not completed, of keys that begin so.</summary>
    Task<ObjectPage<PartsUpload>> UploadsAsync(string prefix, string? next, CancellationToken cancellationToken);

    /// <summary>Begins an object that comes in parts.</summary>
    Task<PartsUpload> BeginAsync(string key, CancellationToken cancellationToken);

    /// <summary>The parts that are there, in the order of their numbers.</summary>
    Task<ObjectPage<ObjectPart>> PartsAsync(PartsUpload upload, string? next, CancellationToken cancellationToken);

    /// <summary>Brings a part, or brings it again; the bucket checks its SHA-256.</summary>
    Task<ObjectPart> PutPartAsync(PartsUpload upload, int number, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Whether a part that the bucket holds is this, as far as the bucket vouches for what it holds.</summary>
    bool Holds(ObjectPart part, ReadOnlySpan<byte> content);

    /// <summary>Makes an object of parts.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="parts">All its parts, in order.</param>
    /// <param name="onlyNew">As for <see cref="PutAsync"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The object's version.</returns>
    Task<string> CompleteAsync(PartsUpload upload, IReadOnlyList<ObjectPart> parts, bool onlyNew, CancellationToken cancellationToken);

    /// <summary>Gives an upload up, with its parts; nothing happens where it is gone.</summary>
    Task AbortAsync(PartsUpload upload, CancellationToken cancellationToken);
}
