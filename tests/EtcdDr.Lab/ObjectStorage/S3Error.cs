namespace EtcdDr.Lab.ObjectStorage;

/// <summary>An answer of S3 that is an error.</summary>
internal sealed class S3Error(int status, string code, string message) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>S3's own code.</summary>
    public string Code { get; } = code;
}
