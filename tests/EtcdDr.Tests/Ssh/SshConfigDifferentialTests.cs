using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Ssh.Config;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Ssh;

/// <summary>Configurations are read as the real <c>ssh -G</c> reads them.</summary>
[Trait("Category", "Lab")]
public sealed class SshConfigDifferentialTests : IDisposable
{
    private const int Samples = 200;
    private const string Default = "15";

    private readonly TempDirectory _home = new();

    public SshConfigDifferentialTests() => Directory.CreateDirectory(_home.At(".ssh"));

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Two_hundred_configurations_are_read_as_ssh_reads_them()
    {
        SshServer.InstallPackages();
        var differences = new List<string>();
        for (var seed = 0; seed < Samples; seed++)
        {
            var host = SshConfigSamples.Write(seed, _home.Path);
            differences.AddRange(Differences(host).Select(difference => $"{seed}: {difference}"));
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences.Take(10)));
    }

    [Theory]
    [InlineData("01-proxyjump-tokens")]
    [InlineData("02-match-final")]
    [InlineData("04-timefmt")]
    [InlineData("05-none")]
    [InlineData("06-include-glob-dir")]
    [InlineData("12-proxycommand-beats-jump")]
    public void What_people_had_is_read_as_ssh_reads_it(string name)
    {
        SshServer.InstallPackages();
        SshConfigTests.WriteCase(name, _home.Path, absolute: true);
        Assert.Empty(Differences("cp1"));
    }

    private List<string> Differences(string host)
    {
        var file = _home.At(".ssh", "config");
        var theirs = Theirs(SshServer.Run("ssh", "-G", "-F", file, host), host);
        var ours = Ours(SshTargetResolver.Resolve("name", host, new SshSettings { ConfigFile = file }, new RecordingSink(), _home.Path));
        return
        [
            .. theirs
                .Zip(ours)
                .Where(pair => pair.First != pair.Second)
                .Select(pair => $"{host}: ssh has {pair.First}, we have {pair.Second}\n{File.ReadAllText(file)}"),
        ];
    }

    private static string[] Ours(SshTarget target) =>
        [
            $"host {target.Host}",
            $"user {target.User}",
            $"port {target.Port}",
            $"alias {target.HostKeyAlias}",
            $"identities {string.Join('|', target.Identities.Select(identity => identity.Path))}",
            $"only {target.IdentitiesOnly}",
            $"certificates {string.Join('|', target.CertificateFiles)}",
            $"agent {target.AgentSocket}",
            $"known hosts {string.Join('|', target.KnownHostsFiles)}",
            $"timeout {target.ConnectTimeout.TotalSeconds}",
            $"alive {target.KeepAlive.TotalSeconds}",
            $"way {string.Join('|', target.JumpHosts.Select(hop => hop.Name))}",
        ];

    private string[] Theirs(string output, string asked)
    {
        var values = output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2))
            .ToLookup(words => words[0], words => words.ElementAtOrDefault(1) ?? "");
        string One(string keyword) => values[keyword].FirstOrDefault() ?? "";

        // ssh goes by the account's own home, whatever HOME says.
        var account = SshServer.Run("sh", "-c", "getent passwd \"$(id -u)\" | cut -d: -f6").Trim();
        string Expanded(string text) =>
            text.Replace($"{account}/", $"{_home.Path}/", StringComparison.Ordinal)
                .Replace("~/", _home.Path + "/", StringComparison.Ordinal)
                .Replace("%d", _home.Path, StringComparison.Ordinal)
                .Replace("%h", One("hostname"), StringComparison.Ordinal)
                .Replace("%r", One("user"), StringComparison.Ordinal)
                .Replace("%n", asked, StringComparison.Ordinal)
                .Replace("%p", One("port"), StringComparison.Ordinal);
        string Time(string keyword) => One(keyword) is "" or "0" or "none" ? Default : One(keyword);
        var identities = values["identityfile"].ToList();
        if (identities is ["~/.ssh/id_rsa", ..])
            identities = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];

        var known = $"{One("userknownhostsfile")} {One("globalknownhostsfile")}".Split(' ').Where(path => path != "none");
        var agent = One("identityagent") switch
        {
            "" or "SSH_AUTH_SOCK" => Environment.GetEnvironmentVariable("SSH_AUTH_SOCK"),
            "none" => null,
            var path => Expanded(path),
        };
        var way = SshConfigSamples.Commands.GetValueOrDefault(One("proxycommand"), Expanded(One("proxyjump")).Trim());
        return
        [
            $"host {One("hostname")}",
            $"user {One("user")}",
            $"port {One("port")}",
            $"alias {One("hostkeyalias")}",
            $"identities {string.Join('|', identities.Select(Expanded))}",
            $"only {One("identitiesonly") == "yes"}",
            $"certificates {string.Join('|', values["certificatefile"].Select(Expanded))}",
            $"agent {agent}",
            $"known hosts {string.Join('|', known.Select(Expanded))}",
            $"timeout {Time("connecttimeout")}",
            $"alive {Time("serveraliveinterval")}",
            $"way {(way is "" or "none" ? "" : string.Join('|', way.Split(',').Select(hop => JumpHost.Parse(hop).Host)))}",
        ];
    }
}
