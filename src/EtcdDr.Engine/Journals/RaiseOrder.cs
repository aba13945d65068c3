namespace EtcdDr.Engine.Journals;

/// <summary>
/// How the previous data is put back with higher revisions than the restored state served: every node's is built anew from one copy of the
/// previous data. It stands in the journals, so that a node that comes late gets the same.
/// </summary>
/// <param name="Source">The node whose previous database was taken.</param>
/// <param name="Sha256">SHA-256 of that file.</param>
/// <param name="Token">The initial-cluster token of the members that are built.</param>
/// <param name="By">By how much their revisions are raised.</param>
/// <param name="To">The revision above which they begin.</param>
public sealed record RaiseOrder(string Source, string Sha256, string Token, long By, long To);
