namespace EtcdDr.Engine.Etcd;

/// <summary>An alarm that a member has raised.</summary>
/// <param name="MemberId">The member.</param>
/// <param name="Kind"><c>NOSPACE</c> or <c>CORRUPT</c>.</param>
public sealed record EtcdAlarm(ulong MemberId, string Kind);
