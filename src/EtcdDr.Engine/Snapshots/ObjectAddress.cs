namespace EtcdDr.Engine.Snapshots;

/// <summary>Keys in a bucket, as people write them: <c>s3://bucket/prefix</c>. It names no server and no secret.</summary>
/// <param name="Scheme">The provider: <c>s3</c>.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">What the keys begin with, without slashes at its ends; empty for all.</param>
public sealed record ObjectAddress(string Scheme, string Bucket, string Prefix)
{
    /// <summary>The scheme of S3 and of what speaks its language.</summary>
    public const string S3 = "s3";

    private const int LongestBucket = 63;

    /// <summary>Whether text means a place in object storage, well written or not.</summary>
    public static bool IsOne(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith("s3://", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads one; null where it is none, or holds what an address must not.</summary>
    public static ObjectAddress? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var end = text.IndexOf("://", StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        var rest = text[(end + 3)..].TrimEnd('/');
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (bucket, prefix) = slash < 0 ? (rest, string.Empty) : (rest[..slash], rest[(slash + 1)..]);
        return IsBucket(bucket) && StorePath.IsSafe(prefix, windows: false)
            ? new ObjectAddress(text[..end].ToLowerInvariant(), bucket, prefix)
            : null;
    }

    /// <summary>What precedes the last name; the whole bucket holds itself.</summary>
    public ObjectAddress Parent => this with { Prefix = StorePath.Parent(Prefix) };

    /// <summary>Whether another address lies in this one, or is it.</summary>
    public bool Holds(ObjectAddress other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Scheme == other.Scheme
            && Bucket == other.Bucket
            && (Prefix.Length == 0 || other.Prefix == Prefix || other.Prefix.StartsWith(Prefix + '/', StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public override string ToString() => Prefix.Length == 0 ? $"{Scheme}://{Bucket}" : $"{Scheme}://{Bucket}/{Prefix}";

    /// <summary>Text that may be shown: who writes a key into an address finds it in no message.</summary>
    internal static string WithoutSecrets(string text)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        var at = text.LastIndexOf('@');
        var shown = at > end ? $"{text[..(end + 3)]}...{text[at..]}" : text;
        var query = shown.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? shown : $"{shown[..query]}?...";
    }

    // Buckets of older servers have upper case and underscores too.
    private static bool IsBucket(string bucket) =>
        bucket.Length is >= 3 and <= LongestBucket
        && char.IsAsciiLetterOrDigit(bucket[0])
        && bucket.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
        && !bucket.Contains("..", StringComparison.Ordinal);
}
