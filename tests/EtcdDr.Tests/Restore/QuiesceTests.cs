using System.Text.Json.Nodes;
using EtcdDr.Engine.Mirror;
using EtcdDr.Engine.Restore;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Restore;

/// <summary>What a quiet restore holds on a worker, what it says that it cannot hold, and what it remembers.</summary>
public sealed class QuiesceTests : IDisposable
{
    // A kubelet is two files: it is active, it is enabled.
    private const string Systemctl = """
        #!/bin/sh
        root=$(dirname "$0")/..; verb=$1
        case $verb in
        is-enabled) if [ -e "$root/enabled" ]; then echo enabled; else echo disabled; exit 1; fi;;
        is-active) if [ -e "$root/active" ]; then echo active; else echo inactive; exit 3; fi;;
        enable) : > "$root/enabled";;
        disable) rm -f "$root/enabled";;
        start) : > "$root/active";;
        stop) [ ! -e "$root/stubborn" ] || exit 1; rm -f "$root/active";;
        esac
        """;

    private readonly TempDirectory _directory = new();
    private readonly LocalHost _host = new("w1");

    public QuiesceTests()
    {
        Directory.CreateDirectory(_directory.At("bin"));
        var program = _directory.At("bin/systemctl");
        File.WriteAllText(program, Systemctl);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _host.Rewrite = c => c with { Script = $"PATH={_directory.At("bin")}:$PATH; export PATH\n{c.Script}" };
    }

    private string Kept => _directory.At("etcddr/quiesced");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_kubelet_is_afterwards_what_it_was(bool enabled, bool active)
    {
        Be(enabled, active);

        await HoldAsync("r1");
        Assert.Equal((false, false), Is);

        await HoldAsync("r1");
        Assert.Equal("released", await ReleaseAsync("r1"));
        Assert.Equal((enabled, active), Is);
        Assert.False(File.Exists(Kept));
        Assert.Equal("not held", await ReleaseAsync("r1"));
    }

    [Fact]
    public async Task Who_holds_it_last_releases_it_to_what_it_was_first()
    {
        Be(enabled: true, active: true);
        await HoldAsync("r1");
        await HoldAsync("r2");

        Assert.Equal("held by restore r2", await ReleaseAsync("r1"));
        Assert.Equal((false, false), Is);
        Assert.Equal("released", await ReleaseAsync("r2"));
        Assert.Equal((true, true), Is);
    }

    [Fact]
    public async Task A_kubelet_that_does_not_stop_is_a_failure_and_is_remembered_all_the_same()
    {
        Be(enabled: true, active: true);
        File.WriteAllText(_directory.At("stubborn"), string.Empty);

        await Assert.ThrowsAsync<EtcdDrException>(() => HoldAsync("r1"));

        File.Delete(_directory.At("stubborn"));
        Assert.Equal("released", await ReleaseAsync("r1"));
        Assert.Equal((true, true), Is);
    }

    [Fact]
    public void A_worker_that_is_away_refuses_and_pods_on_the_control_plane_are_named()
    {
        var snapshot = Site(Pod("shop", "log-agent-1", "cp1"), Pod("kube-system", "kube-proxy-1", "cp1"), Pod("shop", "web-1", "w1"));
        var cluster = Site() with
        {
            Nodes =
            [
                new SiteNode("cp1", NodeRole.ControlPlane, "10.0.0.1"),
                new SiteNode("w1", NodeRole.Worker, "10.0.0.2"),
                new SiteNode("w2", NodeRole.Worker, "10.0.0.3")
                {
                    Failure = new EtcdDrException("X", EtcdDrErrorCategory.ConnectionError, "gone", "wait"),
                },
            ],
        };

        var findings = QuiesceFindings.Judge(snapshot, cluster);

        Assert.Equal("w2", Assert.Single(findings, f => f.Blocks).Node);
        var named = Assert.Single(findings, f => !f.Blocks).Message;
        Assert.Contains("1 pods", named, StringComparison.Ordinal);
        Assert.EndsWith("-Quiesce: shop/log-agent-1.", named, StringComparison.Ordinal);
    }

    private void Be(bool enabled, bool active)
    {
        foreach (var (name, set) in new[] { ("enabled", enabled), ("active", active) })
        {
            if (set)
            {
                File.WriteAllText(_directory.At(name), string.Empty);
            }
        }
    }

    private (bool Enabled, bool Active) Is => (File.Exists(_directory.At("enabled")), File.Exists(_directory.At("active")));

    private Task HoldAsync(string restore) =>
        _host.RunAsync(QuiesceCommands.HoldKubelet.With(restore, _directory.At("etcddr")), CancellationToken.None);

    private async Task<string> ReleaseAsync(string restore) =>
        (await _host.RunAsync(QuiesceCommands.ReleaseKubelet.With(restore, _directory.At("etcddr")), CancellationToken.None)).Text.Trim();

    private static SiteFacts Site(params JsonObject[] pods) =>
        new()
        {
            Name = "x",
            Nodes = [],
            Objects = new Dictionary<string, IReadOnlyList<JsonObject>> { ["pods"] = pods },
        };

    private static JsonObject Pod(string ns, string name, string node) =>
        new()
        {
            ["metadata"] = new JsonObject { ["namespace"] = ns, ["name"] = name },
            ["spec"] = new JsonObject { ["nodeName"] = node },
        };
}
