namespace EtcdDr;

/// <summary>Who wrote a snapshot, and so how it is laid out.</summary>
public enum SnapshotFormat
{
    /// <summary>This module's format, with <c>snapshot.json</c>.</summary>
    EtcdDr,

    /// <summary>A backup of the MAA shell scripts.</summary>
    Maa,

    /// <summary>A bare database file as <c>etcdctl snapshot save</c> writes it.</summary>
    Database,
}
