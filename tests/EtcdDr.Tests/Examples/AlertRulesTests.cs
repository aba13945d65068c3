using System.Text.RegularExpressions;
using EtcdDr.Lab.Packages;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Tests.Examples;

/// <summary>docs/examples/alerts.yml: it names metrics that there are, and fires when it should.</summary>
public sealed partial class AlertRulesTests
{
    private static readonly string Rules = Path.Combine(Repository.Root, "docs", "examples", "alerts.yml");
    private static readonly string Cases = Path.Combine(Repository.Root, "tests", "EtcdDr.Tests", "Examples", "alerts.test.yml");

    [Fact]
    public void Rules_name_metrics_that_reports_write()
    {
        var written = File.ReadAllText(
            Path.Combine(Repository.Root, "src", "EtcdDr.Engine", "Reports", "OpenMetrics", "OpenMetricsReport.cs")
        );
        var named = Metric().Matches(File.ReadAllText(Rules)).Select(m => m.Value).Distinct().ToList();

        Assert.True(named.Count > 5);
        Assert.All(named, name => Assert.Contains($"\"{name}\"", written, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_alert_has_a_case_that_makes_it_fire()
    {
        var alerts = Alert().Matches(File.ReadAllText(Rules)).Select(m => m.Groups[1].Value).ToList();
        var cases = File.ReadAllText(Cases);

        Assert.NotEmpty(alerts);
        Assert.All(alerts, alert => Assert.Contains(alert, cases, StringComparison.Ordinal));
    }

    /// <summary>With Debian's promtool.</summary>
    [PromtoolFact]
    [Trait("Category", "Lab")]
    public async Task Rules_fire_when_they_should_and_are_quiet_on_a_good_day()
    {
        var tool = await Promtool.GetAsync(Console.WriteLine);

        Assert.Contains("SUCCESS", await Tool.RunAsync(tool, ["check", "rules", Rules], default), StringComparison.Ordinal);
        Assert.Contains("SUCCESS", await Tool.RunAsync(tool, ["test", "rules", Cases], default), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\betcddr_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();
}
