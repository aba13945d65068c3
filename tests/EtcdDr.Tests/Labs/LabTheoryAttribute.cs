using EtcdDr.Lab.Packages;

namespace EtcdDr.Tests.Labs;

/// <summary>A theory that needs what the lab needs; skipped, with the reason, where this machine cannot give it.</summary>
public sealed class LabTheoryAttribute : TheoryAttribute
{
    public LabTheoryAttribute() => Skip = LabPackages.Obstacle();
}
