using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace EtcdDr.Engine.Snapshots.Places.Objects.S3;

/// <summary>
/// A bucket of S3 or of what speaks its language. Each body is signed with its SHA-256 (<c>x-amz-content-sha256</c>), which every server of
/// signature 4 has to check; the newer checksum header goes with it for those that keep it, and Object Lock wants it. The SDK's own default
/// checksums are off: many servers do not know them.
/// </summary>
internal sealed class S3Bucket : IObjectBucket
{
    private const int KeysAtOnce = 1000;
    private static readonly TimeSpan ShortAnswer = TimeSpan.FromMinutes(1);

    // A part over a slow line: 16 KiB a second.
    private static readonly TimeSpan LongAnswer = TimeSpan.FromMinutes(15);

    private readonly AmazonS3Client _client;
    private readonly string _bucket;

    /// <summary>Opens a bucket; nothing is asked yet.</summary>
    public S3Bucket(AmazonS3Client client, string bucket)
    {
        _client = client;
        _bucket = bucket;
    }

    /// <inheritdoc/>
    public string Address => $"s3://{_bucket}";

    /// <inheritdoc/>
    public int SmallestPart => 5 * 1024 * 1024;

    /// <inheritdoc/>
    public int MostParts => 10_000;

    /// <inheritdoc/>
    public async Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken)
    {
        // Not by HEAD: its errors have no body, so that a clock that is off, an expired session and a missing right are all one 403. Of
        // keys that begin so the key itself is the first.
        var page = await ListAsync(key, null, 1, cancellationToken);
        return page.Items is [var first, ..] && first.Key == key ? first : null;
    }

    /// <inheritdoc/>
    public Task<ObjectPage<StoredObject>> ListAsync(string prefix, string? next, CancellationToken cancellationToken) =>
        ListAsync(prefix, next, KeysAtOnce, cancellationToken);

    private async Task<ObjectPage<StoredObject>> ListAsync(string prefix, string? next, int keys, CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = _bucket,
            Prefix = prefix,
            ContinuationToken = next,
            MaxKeys = keys,

            // A key may hold what XML cannot: one of them would hide all others.
            Encoding = EncodingType.Url,
        };
        var page = await AskAsync(ct => _client.ListObjectsV2Async(request, ct), ShortAnswer, cancellationToken);
        var found = (page.S3Objects ?? []).Select(o => new StoredObject(
            Plain(o.Key, page.Encoding),
            o.Size ?? 0,
            Utc(o.LastModified),
            Tag(o.ETag)
        ));
        return new ObjectPage<StoredObject>([.. found], page.IsTruncated == true ? page.NextContinuationToken : null);
    }

    /// <inheritdoc/>
    public async Task<ObjectContent> ReadAsync(string key, long offset, int? length, string? version, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest
        {
            BucketName = _bucket,
            Key = key,
            EtagToMatch = version is null ? null : $"\"{version}\"",
            ByteRange =
                length is { } count ? new ByteRange($"bytes={offset}-{offset + count - 1}")
                : offset == 0 ? null
                : new ByteRange($"bytes={offset}-"),
        };
        try
        {
            var answer = await AskAsync(ct => _client.GetObjectAsync(request, ct), ShortAnswer, cancellationToken);
            return new ObjectContent(answer.ResponseStream, Tag(answer.ETag));
        }
        catch (BucketFailure failure) when (IsPastTheEnd(failure))
        {
            return new ObjectContent(Stream.Null, version ?? string.Empty);
        }
    }

    /// <inheritdoc/>
    public async Task<string> PutAsync(string key, ReadOnlyMemory<byte> content, bool onlyNew, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(
            ct =>
                _client.PutObjectAsync(
                    new PutObjectRequest
                    {
                        BucketName = _bucket,
                        Key = key,
                        InputStream = Body(content),
                        ContentType = "application/octet-stream",
                        UseChunkEncoding = false,
                        ChecksumSHA256 = Sum(content),
                        IfNoneMatch = onlyNew ? "*" : null,
                    },
                    ct
                ),
            LongAnswer,
            cancellationToken
        );
        return Tag(answer.ETag);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        // One by one: the request for several wants an MD5 or a checksum that not every server knows.
        await Parallel.ForEachAsync(
            keys,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (key, token) =>
            {
                try
                {
                    await AskAsync(ct => _client.DeleteObjectAsync(_bucket, key, ct), ShortAnswer, token);
                }
                catch (BucketFailure failure) when (failure.Kind == BucketFailureKind.NotFound)
                {
                    // Gone already.
                }
            }
        );
    }

    /// <inheritdoc/>
    public async Task<ObjectPage<PartsUpload>> UploadsAsync(string prefix, string? next, CancellationToken cancellationToken)
    {
        var (key, id) = next?.Split('\n') is [var k, var i] ? (k, i) : (null, null);
        var request = new ListMultipartUploadsRequest
        {
            BucketName = _bucket,
            Prefix = prefix,
            Encoding = EncodingType.Url,
            KeyMarker = key,
            UploadIdMarker = id,
        };
        var page = await AskAsync(ct => _client.ListMultipartUploadsAsync(request, ct), ShortAnswer, cancellationToken);
        var found = (page.MultipartUploads ?? []).Select(u => new PartsUpload(
            Plain(u.Key, EncodingType.Url),
            u.UploadId,
            Utc(u.Initiated)
        ));
        return new ObjectPage<PartsUpload>(
            [.. found],
            page.IsTruncated == true ? $"{page.NextKeyMarker}\n{page.NextUploadIdMarker}" : null
        );
    }

    /// <inheritdoc/>
    public async Task<PartsUpload> BeginAsync(string key, CancellationToken cancellationToken)
    {
        var request = new InitiateMultipartUploadRequest
        {
            BucketName = _bucket,
            Key = key,
            ContentType = "application/octet-stream",
            ChecksumAlgorithm = ChecksumAlgorithm.SHA256,
        };
        var begun = await AskAsync(ct => _client.InitiateMultipartUploadAsync(request, ct), ShortAnswer, cancellationToken);
        return new PartsUpload(key, begun.UploadId, DateTime.UtcNow);
    }

    /// <inheritdoc/>
    public async Task<ObjectPage<ObjectPart>> PartsAsync(PartsUpload upload, string? next, CancellationToken cancellationToken)
    {
        var request = new ListPartsRequest
        {
            BucketName = _bucket,
            Key = upload.Key,
            UploadId = upload.Id,
            PartNumberMarker = next,
        };
        var page = await AskAsync(ct => _client.ListPartsAsync(request, ct), ShortAnswer, cancellationToken);
        var found = (page.Parts ?? []).Select(p => new ObjectPart(
            p.PartNumber ?? 0,
            p.Size ?? 0,
            Tag(p.ETag),
            Hexadecimal(p.ChecksumSHA256),
            Utc(p.LastModified)
        ));
        return new ObjectPage<ObjectPart>(
            [.. found],
            page.IsTruncated == true ? page.NextPartNumberMarker?.ToString(System.Globalization.CultureInfo.InvariantCulture) : null
        );
    }

    /// <inheritdoc/>
    public async Task<ObjectPart> PutPartAsync(
        PartsUpload upload,
        int number,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        var sum = SHA256.HashData(content.Span);
        var answer = await AskAsync(
            ct =>
                _client.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = _bucket,
                        Key = upload.Key,
                        UploadId = upload.Id,
                        PartNumber = number,
                        PartSize = content.Length,
                        InputStream = Body(content),
                        UseChunkEncoding = false,
                        ChecksumSHA256 = Convert.ToBase64String(sum),
                    },
                    ct
                ),
            LongAnswer,
            cancellationToken
        );
        return new ObjectPart(number, content.Length, Tag(answer.ETag), Convert.ToHexStringLower(sum), DateTime.UtcNow);
    }

    /// <inheritdoc/>
    public bool Holds(ObjectPart part, ReadOnlySpan<byte> content)
    {
        if (part.Sha256 is { } sum)
        {
            return sum == Convert.ToHexStringLower(SHA256.HashData(content));
        }

        // Servers that keep no checksum of a part name it by its MD5. It tells a part that was cut from one that arrived, no more: what
        // the whole object holds is compared with the manifest's SHA-256 by whoever reads it.
#pragma warning disable CA5351
        return part.Token == Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351
    }

    /// <inheritdoc/>
    public async Task<string> CompleteAsync(
        PartsUpload upload,
        IReadOnlyList<ObjectPart> parts,
        bool onlyNew,
        CancellationToken cancellationToken
    )
    {
        var request = new CompleteMultipartUploadRequest
        {
            BucketName = _bucket,
            Key = upload.Key,
            UploadId = upload.Id,
            IfNoneMatch = onlyNew ? "*" : null,
            PartETags =
            [
                .. parts.Select(p => new PartETag(p.Number, $"\"{p.Token}\"")
                {
                    ChecksumSHA256 = p.Sha256 is null ? null : Convert.ToBase64String(Convert.FromHexString(p.Sha256)),
                }),
            ],
        };
        var answer = await AskAsync(ct => _client.CompleteMultipartUploadAsync(request, ct), LongAnswer, cancellationToken);
        if (Tag(answer.ETag) is { Length: > 0 } tag)
        {
            return tag;
        }

        // Ceph's gateway (seen with 16.2) completes an upload without saying which ETag it gave: the object itself says it.
        return (await StatAsync(upload.Key, cancellationToken))?.Version ?? string.Empty;
    }

    /// <inheritdoc/>
    public async Task AbortAsync(PartsUpload upload, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(ct => _client.AbortMultipartUploadAsync(_bucket, upload.Key, upload.Id, ct), ShortAnswer, cancellationToken);
        }
        catch (BucketFailure failure) when (failure.Kind == BucketFailureKind.NotFound)
        {
            // Gone already.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static bool IsPastTheEnd(BucketFailure failure) =>
        failure.InnerException is AmazonS3Exception { StatusCode: System.Net.HttpStatusCode.RequestedRangeNotSatisfiable };

    private static MemoryStream Body(ReadOnlyMemory<byte> content) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(content, out var array) && array.Array is not null
            ? new MemoryStream(array.Array, array.Offset, array.Count, writable: false)
            : new MemoryStream(content.ToArray(), writable: false);

    private static string Sum(ReadOnlyMemory<byte> content) => Convert.ToBase64String(SHA256.HashData(content.Span));

    // A checksum of a whole object in parts ends with their number; a part's does not.
    private static string? Hexadecimal(string? base64)
    {
        var bytes = new byte[SHA256.HashSizeInBytes];
        return base64 is not null && Convert.TryFromBase64String(base64, bytes, out var count) && count == bytes.Length
            ? Convert.ToHexStringLower(bytes)
            : null;
    }

    private static string Plain(string key, EncodingType? encoding) =>
        encoding == EncodingType.Url ? System.Net.WebUtility.UrlDecode(key) : key;

    private static string Tag(string? tag) => (tag ?? string.Empty).Trim('"');

    private static DateTime Utc(DateTime? time) => time?.ToUniversalTime() ?? DateTime.UnixEpoch;

    private static async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(limit);
        try
        {
            return await ask(either.Token);
        }
        catch (Exception e) when (S3Failures.Of(e, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }
}
