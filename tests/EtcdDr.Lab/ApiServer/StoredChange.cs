namespace EtcdDr.Lab.ApiServer;

/// <summary>One change of a key.</summary>
/// <param name="Before">Null when it was made.</param>
/// <param name="After">Null when it was removed.</param>
/// <param name="Revision">The store's revision of the change.</param>
internal sealed record StoredChange(Stored? Before, Stored? After, long Revision);
