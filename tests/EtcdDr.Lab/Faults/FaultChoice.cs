namespace EtcdDr.Lab.Faults;

/// <summary>Which cases are asked for; what is null is not limited.</summary>
/// <param name="Beginning">What the cluster is like before.</param>
/// <param name="Step">The step.</param>
/// <param name="Kind">The fault.</param>
/// <param name="Node">The node.</param>
/// <param name="Quick">One node for each step and fault, and of the steps those of the cutover and the last of staging.</param>
public sealed record FaultChoice(
    Beginning? Beginning = null,
    string? Step = null,
    FaultKind? Kind = null,
    string? Node = null,
    bool Quick = false
);
