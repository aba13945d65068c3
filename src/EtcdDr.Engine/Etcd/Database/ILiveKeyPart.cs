namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Takes the live records of one part of a database, in the order of their revisions; several parts are read at once, each by a
/// thread of its own.</summary>
internal interface ILiveKeyPart
{
    /// <summary>Takes a record, which is valid during the call only; false to end the part.</summary>
    bool Record(in MvccRecord record);
}
