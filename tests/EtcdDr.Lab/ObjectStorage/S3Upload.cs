namespace EtcdDr.Lab.ObjectStorage;

/// <summary>An upload in parts to the small S3 server.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">The key that the object will have.</param>
/// <param name="Begun">When it was begun, UTC.</param>
internal sealed record S3Upload(string Id, string Key, DateTime Begun)
{
    /// <summary>The parts that have arrived.</summary>
    public SortedDictionary<int, S3Object> Parts { get; } = [];
}
