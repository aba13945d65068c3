using EtcdDr.Lab.Packages;

namespace EtcdDr.Tests.Labs;

/// <summary>A test that needs the lab; skipped, with the reason, where this machine cannot run it.</summary>
public sealed class LabFactAttribute : FactAttribute
{
    public LabFactAttribute() => Skip = LabPackages.Obstacle();
}
