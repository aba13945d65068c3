namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>An object that is being brought in parts, and is none before it is completed.</summary>
/// <param name="Key">The key that it will have.</param>
/// <param name="Id">What the bucket calls the upload.</param>
/// <param name="Begun">When it was begun, UTC.</param>
internal sealed record PartsUpload(string Key, string Id, DateTime Begun);
