using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Ssh;

public sealed class SshConfigTests : IDisposable
{
    private readonly TempDirectory _home = new();
    private readonly RecordingSink _sink = new();

    public SshConfigTests() => Directory.CreateDirectory(_home.At(".ssh"));

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Without_a_configuration_OpenSSHs_defaults_hold()
    {
        var target = Resolve("node1");
        Assert.Equal(("node1", 22, Environment.UserName), (target.Host, target.Port, target.User));
        Assert.Equal(["id_ed25519", "id_ecdsa", "id_rsa"], target.Identities.Select(identity => Path.GetFileName(identity.Path)));
        Assert.Equal(_home.At(".ssh", "known_hosts"), target.KnownHostsFiles[0]);
    }

    [Fact]
    public void The_first_value_wins_and_identities_add_up()
    {
        var target = Resolve("node1", """
            Host node*
                HostName %h.example.com
                User first
                IdentityFile ~/one
                CertificateFile %d/%h-cert.pub
            Host node1 !node2
                User second
                Port=2222
                IdentityFile "~/two words"
                UserKnownHostsFile ~/kh_%n
                IdentitiesOnly yes
                ConnectTimeout 3
                ServerAliveInterval 7
                HostKeyAlias alias1
            """);
        Assert.Equal(("node1.example.com", 2222, "first", "alias1", true), (target.Host, target.Port, target.User, target.HostKeyAlias, target.IdentitiesOnly));
        Assert.Equal([_home.At("one"), _home.At("two words")], target.Identities.Select(identity => identity.Path));
        Assert.Equal([_home.At("node1.example.com-cert.pub")], target.CertificateFiles);
        Assert.Equal(_home.At("kh_node1"), target.KnownHostsFiles[0]);
        Assert.Equal((3, 7), (target.ConnectTimeout.Seconds, target.KeepAlive.Seconds));
    }

    [Theory]
    [InlineData("Host node* !node1")]
    [InlineData("Host other")]
    [InlineData("Match host other")]
    [InlineData("Match !all host other")]
    [InlineData("Match exec \"true\"")]
    [InlineData("Match host node1 user nobody-here")]
    public void Sections_for_others_are_passed_over(string section) => Assert.Equal(22, Resolve("node1", $"{section}\n  Port 1234").Port);

    [Theory]
    [InlineData("Host *")]
    [InlineData("Host other node1")]
    [InlineData("Match all")]
    [InlineData("Match host node1,node2")]
    [InlineData("Match originalhost node? !user nobody-here")]
    public void Sections_for_the_host_hold(string section) => Assert.Equal(1234, Resolve("node1", $"{section}\n  Port 1234 # comment").Port);

    [Fact]
    public void Settings_win_over_the_configuration()
    {
        var target = Resolve("node1", "User theirs\nPort 1\nIdentityFile ~/theirs\nUserKnownHostsFile ~/theirs\nProxyJump theirs", settings => settings with
        {
            User = "ours", Port = 2, KeyFile = "/ours", KnownHostsFile = "/ours", JumpHosts = ["ours"],
        });
        Assert.Equal(("ours", 2, "/ours", "/ours", "ours"), (target.User, target.Port, target.Identities.Single().Path, target.KnownHostsFiles.Single(), target.JumpHosts.Single().Host));
    }

    [Fact]
    public void Included_files_are_read_where_they_stand()
    {
        Directory.CreateDirectory(_home.At(".ssh", "conf.d"));
        File.WriteAllText(_home.At(".ssh", "conf.d", "a.conf"), "Host node1\n  Port 1000\nHost other\n  User nobody\n");
        var target = Resolve("node1", "Include conf.d/*.conf\nUser me\nPort 2000\n");
        Assert.Equal((1000, "me"), (target.Port, target.User));
    }

    [Fact]
    public void Jump_hosts_have_their_own_configuration_and_ways()
    {
        var target = Resolve("node1", """
            Host node1
                ProxyJump ops@inner:2200,last
            Host inner
                HostName 10.0.0.2
                ProxyJump outer
            Host outer
                User gate
                Port 2201
            """);
        Assert.Equal(
            [("outer", "gate", 2201), ("10.0.0.2", "ops", 2200), ("last", Environment.UserName, 22)],
            target.JumpHosts.Select(hop => (hop.Host, hop.User, hop.Port)));
    }

    [Fact]
    public void Jump_hosts_that_name_each_other_are_an_error() =>
        Assert.Equal("JumpHostInvalid", Assert.Throws<EtcdDrException>(() => Resolve("a", "Host a\nProxyJump b\nHost b\nProxyJump a")).ErrorId);

    [Theory]
    [InlineData("Port", 1)]
    [InlineData("User x\nHostName \"open", 2)]
    public void A_line_that_cannot_be_read_is_named(string text, int line)
    {
        var failure = Assert.Throws<EtcdDrException>(() => Resolve("node1", text));
        Assert.Equal("SshConfigInvalid", failure.ErrorId);
        Assert.Contains($"config:{line}:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_served_is_said()
    {
        Resolve("node1", "ProxyCommand nc %h %p\nMatch exec \"true\"\nUser x");
        Assert.Contains(_sink.VerboseMessages, message => message.Contains("ProxyCommand is not served", StringComparison.Ordinal));
        Assert.Contains(_sink.VerboseMessages, message => message.Contains("'Match exec' is not served", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("host", null, "host", null)]
    [InlineData("me@host:22", "me", "host", 22)]
    [InlineData("ssh://me@host:2222", "me", "host", 2222)]
    [InlineData("[fd00::1]:2222", null, "fd00::1", 2222)]
    [InlineData("fd00::1", null, "fd00::1", null)]
    [InlineData("a@b@host", "a@b", "host", null)]
    public void Jump_hosts_are_read(string text, string? user, string host, int? port)
    {
        var hop = Engine.Ssh.Config.JumpHost.Parse(text);
        Assert.Equal((user, host, port), (hop.User, hop.Host, hop.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("@host")]
    [InlineData("host:")]
    [InlineData("host:x")]
    [InlineData("host:70000")]
    [InlineData("[host]x")]
    public void What_is_no_jump_host_is_an_error(string text) =>
        Assert.Equal("JumpHostInvalid", Assert.Throws<EtcdDrException>(() => Engine.Ssh.Config.JumpHost.Parse(text)).ErrorId);

    private SshTarget Resolve(string address, string? config = null, Func<SshSettings, SshSettings>? change = null)
    {
        var file = _home.At(".ssh", "config");
        File.WriteAllText(file, config);
        var settings = new SshSettings { ConfigFile = file };
        return SshTargetResolver.Resolve("name", address, change?.Invoke(settings) ?? settings, _sink, _home.Path);
    }
}
