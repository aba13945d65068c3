namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Takes a record, which is valid during the call only; false to end.</summary>
internal delegate bool MvccRecordHandler(in MvccRecord record);
