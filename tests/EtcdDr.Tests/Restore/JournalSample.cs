using EtcdDr.Engine.Journals;

namespace EtcdDr.Tests.Restore;

/// <summary>A restore's journal with what it must have.</summary>
internal static class JournalSample
{
    /// <summary>One of cluster <c>secondary</c> that lists no node.</summary>
    public static RestoreJournal Journal { get; } =
        new()
        {
            Id = "r1",
            Cluster = "secondary",
            Snapshot = "s",
            SnapshotPath = "/s",
            DatabaseSha256 = "0",
            Token = "t",
            Created = new DateTime(2026, 11, 23, 3, 0, 0, DateTimeKind.Utc),
            CreatedBy = "opc@bastion",
            Nodes = [],
        };
}
