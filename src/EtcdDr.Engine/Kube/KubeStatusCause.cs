namespace EtcdDr.Engine.Kube;

/// <summary>One cause of a refusal.</summary>
/// <param name="Reason">What it is, for example <c>FieldManagerConflict</c>.</param>
/// <param name="Field">The field, as a path.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record KubeStatusCause(string Reason, string Field, string Message);
