namespace EtcdDr.Lab.ObjectStorage;

/// <summary>An object that the small S3 server holds.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Tag">Its ETag, without quotes.</param>
/// <param name="Modified">When it was written, UTC.</param>
internal sealed record S3Object(byte[] Content, string Tag, DateTime Modified);
