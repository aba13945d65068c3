namespace EtcdDr.Tests.Reports;

/// <summary>A test that needs a browser; skipped, with the reason, where this machine can have none.</summary>
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = Chromium.Obstacle();
}
