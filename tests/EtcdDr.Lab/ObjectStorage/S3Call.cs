namespace EtcdDr.Lab.ObjectStorage;

/// <summary>A request to the small S3 server, for whoever counts or fails them.</summary>
/// <param name="Operation">As S3 names it, for example <c>UploadPart</c>.</param>
/// <param name="Key">The object; empty for a bucket.</param>
internal sealed record S3Call(string Operation, string Key);
