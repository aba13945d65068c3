using EtcdDr.Lab.Packages;

namespace EtcdDr.Tests.Examples;

/// <summary>A test that needs Prometheus' promtool; skipped, with the reason, where this machine can have none.</summary>
public sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute() => Skip = Promtool.Obstacle();
}
