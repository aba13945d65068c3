namespace EtcdDr.Lab.ApiServer;

/// <summary>A range of objects at one revision.</summary>
/// <param name="Items">In key order.</param>
/// <param name="Revision">The store's revision that the page shows.</param>
/// <param name="More">Whether keys follow.</param>
/// <param name="Remaining">How many follow.</param>
/// <param name="LastKey">The last key read, whether or not it could be understood.</param>
internal sealed record StoredPage(IReadOnlyList<Stored> Items, long Revision, bool More, long Remaining, string? LastKey);
