namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>Names of the checks; scripts match on them.</summary>
internal static class VerificationChecks
{
    internal const string Layout = "Layout";
    internal const string Files = "Files";
    internal const string Seal = "Seal";
    internal const string Trailer = "Trailer";
    internal const string Pages = "Pages";
    internal const string Revision = "Revision";
    internal const string KeyCount = "KeyCount";
    internal const string HashKv = "HashKV";
    internal const string Alarms = "Alarms";
    internal const string Archives = "Archives";
    internal const string Keys = "Keys";
    internal const string Permissions = "Permissions";
    internal const string Drill = "Drill";

    internal const string UseAnother = "Do not restore this snapshot. Use another copy of it, another snapshot, or take a new one.";
}
