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
        var target = Resolve(
            "node1",
            """
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
            """
        );
        Assert.Equal(
            ("node1.example.com", 2222, "first", "alias1", true),
            (target.Host, target.Port, target.User, target.HostKeyAlias, target.IdentitiesOnly)
        );
        Assert.Equal([_home.At("one"), _home.At("two words")], target.Identities.Select(identity => identity.Path));
        Assert.Equal([_home.At("node1.example.com-cert.pub")], target.CertificateFiles);
        Assert.Equal(_home.At("kh_node1"), target.KnownHostsFiles[0]);
        Assert.Equal((3, 7), (target.ConnectTimeout.Seconds, target.KeepAlive.Seconds));
    }

    [Theory]
    [InlineData("Host node* !node1")]
    [InlineData("Host other")]
    [InlineData("Match host other")]
    [InlineData("Match !all")]
    [InlineData("Match exec \"true\"")]
    [InlineData("Match host node1 user nobody-here")]
    public void Sections_for_others_are_passed_over(string section) => Assert.Equal(22, Resolve("node1", $"{section}\n  Port 1234").Port);

    [Theory]
    [InlineData("Host *")]
    [InlineData("Host other node1")]
    [InlineData("Match all")]
    [InlineData("Match host node1,node2")]
    [InlineData("Match originalhost node? !user nobody-here")]
    public void Sections_for_the_host_hold(string section) =>
        Assert.Equal(1234, Resolve("node1", $"{section}\n  Port 1234 # comment").Port);

    [Fact]
    public void Settings_win_over_the_configuration()
    {
        var target = Resolve(
            "node1",
            "User theirs\nPort 1\nIdentityFile ~/theirs\nUserKnownHostsFile ~/theirs\nProxyJump theirs",
            settings => settings with { User = "ours", Port = 2, KeyFile = "/ours", KnownHostsFile = "/ours", JumpHosts = ["ours"] }
        );
        Assert.Equal(
            ("ours", 2, "/ours", "/ours", "ours"),
            (target.User, target.Port, target.Identities.Single().Path, target.KnownHostsFiles.Single(), target.JumpHosts.Single().Host)
        );
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
        var target = Resolve(
            "node1",
            """
            Host node1
                ProxyJump ops@inner:2200,last
            Host inner
                HostName 10.0.0.2
                ProxyJump outer
            Host outer
                User gate
                Port 2201
            """
        );
        Assert.Equal(
            [("outer", "gate", 2201), ("10.0.0.2", "ops", 2200), ("last", Environment.UserName, 22)],
            target.JumpHosts.Select(hop => (hop.Host, hop.User, hop.Port))
        );
    }

    [Fact]
    public void Jump_hosts_that_name_each_other_are_an_error() =>
        Assert.Equal(
            "JumpHostInvalid",
            Assert.Throws<EtcdDrException>(() => Resolve("a", "Host a\nProxyJump b\nHost b\nProxyJump a")).ErrorId
        );

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
        Resolve("node1", "BindAddress 192.0.2.1\nMatch final\nMatch exec \"true\"\nUser x");
        Assert.Single(_sink.VerboseMessages, message => message.Contains("BindAddress is not served", StringComparison.Ordinal));
        Assert.Contains(_sink.VerboseMessages, message => message.Contains("'Match exec' is not served", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nc %h %p")]
    [InlineData("corkscrew proxy 8080 %h %p")]
    [InlineData("ssh -W other:22 bastion")]
    [InlineData("ssh -W %h:%p -F other bastion")]
    [InlineData("ssh -W %h:%p -o User=x bastion")]
    [InlineData("ssh -W %h:%p -p x bastion")]
    [InlineData("ssh -W %h:%p")]
    [InlineData("ssh bastion nc %h %p")]
    [InlineData("sh -c 'ssh -W %h:%p bastion'")]
    public void A_command_that_is_no_jump_host_is_refused_by_name_and_never_passed_over(string command)
    {
        var failure = Assert.Throws<EtcdDrException>(() => Resolve("node1", $"ProxyCommand {command}\nProxyJump gate"));
        Assert.Equal("ProxyCommandUnsupported", failure.ErrorId);
        Assert.Contains($"'{command.Split(' ')[0]}'", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("8080", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_settings_jump_hosts_win_over_a_command() =>
        Assert.Equal(
            "ours",
            Resolve("node1", "ProxyCommand nc %h %p", settings => settings with { JumpHosts = ["ours"] }).JumpHosts.Single().Host
        );

    [Fact]
    public void A_jump_may_have_the_users_name_of_the_target()
    {
        WriteCase("01-proxyjump-tokens", _home.Path);
        var target = ResolveWritten("cp1");
        Assert.Equal(("192.0.2.11", "ops"), (target.Host, target.User));
        Assert.Equal(
            ("bastion.example.com", 2222, "ops"),
            (target.JumpHosts.Single().Host, target.JumpHosts.Single().Port, target.JumpHosts.Single().User)
        );
    }

    [Fact]
    public void Match_final_holds_and_stops_no_other_host()
    {
        WriteCase("02-match-final", _home.Path);
        Assert.Equal(("192.0.2.11", 2222), (ResolveWritten("cp1").Host, ResolveWritten("cp1").Port));
        Assert.Equal(("other", 2222), (ResolveWritten("other").Host, ResolveWritten("other").Port));
    }

    [Fact]
    public void Times_have_units_and_none_is_none()
    {
        WriteCase("04-timefmt", _home.Path);
        Assert.Equal((10, 60), (ResolveWritten("cp1").ConnectTimeout.TotalSeconds, ResolveWritten("cp1").KeepAlive.TotalSeconds));
        WriteCase("05-none", _home.Path);
        Assert.Equal(("192.0.2.11", 15), (ResolveWritten("cp1").Host, ResolveWritten("cp1").ConnectTimeout.TotalSeconds));
    }

    [Fact]
    public void Wildcards_hold_for_directories_and_not_for_what_is_hidden()
    {
        WriteCase("06-include-glob-dir", _home.Path);
        Assert.Equal(("from-a", 2200), (ResolveWritten("cp1").User, ResolveWritten("cp1").Port));
    }

    [Fact]
    public void A_command_of_ssh_is_a_jump_host()
    {
        WriteCase("11-proxycommand", _home.Path);
        Assert.Equal(
            ("bastion.example.com", "jump"),
            (ResolveWritten("cp1").JumpHosts.Single().Host, ResolveWritten("cp1").JumpHosts.Single().User)
        );
    }

    [Fact]
    public void The_first_of_command_and_jump_hosts_wins()
    {
        WriteCase("12-proxycommand-beats-jump", _home.Path);
        Assert.Empty(ResolveWritten("cp1").JumpHosts);
    }

    [Theory]
    [InlineData("Match host")]
    [InlineData("Match all host x")]
    [InlineData("Match !all host other")]
    [InlineData("ConnectTimeout soon")]
    [InlineData("Port 0")]
    [InlineData("Port 70000")]
    [InlineData("IdentityFile 'open")]
    public void What_ssh_does_not_take_is_named_with_its_line(string line)
    {
        var failure = Assert.Throws<EtcdDrException>(() => Resolve("node1", $"User x\n{line}"));
        Assert.Equal("SshConfigInvalid", failure.ErrorId);
        Assert.Contains("config:2:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_in_a_file_that_others_include_is_seen()
    {
        File.WriteAllText(_home.At(".ssh", "for-others"), "Host other\nUser \"open\n");
        Assert.Contains(
            "for-others:2:",
            Assert.Throws<EtcdDrException>(() => Resolve("node1", "Host other\nInclude for-others")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_file_that_others_may_write_to_is_refused()
    {
        var included = _home.At(".ssh", "open");
        File.WriteAllText(included, "ProxyJump elsewhere\n");
        File.SetUnixFileMode(included, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        Assert.Equal("FileNotTrusted", Assert.Throws<EtcdDrException>(() => Resolve("node1", "Include open")).ErrorId);
    }

    [Fact]
    public void A_password_is_offered_to_no_hop_but_one_that_the_settings_name_with_its_user()
    {
        static SshSettings WithPassword(SshSettings settings) =>
            settings with
            {
                User = "ops",
                Password = SshCommandTests.Secure("secret"),
                SudoPassword = SshCommandTests.Secure("secret"),
            };
        var configured = Resolve("node1", "Host node1\nProxyJump ops@gate,last", WithPassword);
        Assert.NotNull(configured.Password);
        Assert.All(configured.JumpHosts, hop => Assert.True(hop is { Password: null, SudoPassword: null }));

        var named = Resolve("node1", null, settings => WithPassword(settings) with { JumpHosts = ["gate", "other@last"] });
        Assert.Equal([true, false], named.JumpHosts.Select(hop => hop.Password is not null));
        Assert.All(named.JumpHosts, hop => Assert.Null(hop.SudoPassword));
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

    /// <summary>Writes one of the configurations that people had, with the files that it includes, into a home directory.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="home">The home directory.</param>
    /// <param name="absolute">Whether includes are named by whole paths, for ssh, which looks for them in the account's own home.</param>
    internal static void WriteCase(string name, string home, bool absolute = false)
    {
        foreach (var (directory, user) in new[] { ("b", "from-b"), ("a", "from-a"), (".hidden", "hidden") })
        {
            Directory.CreateDirectory(Path.Combine(home, ".ssh", "config.d", directory));
            File.WriteAllText(Path.Combine(home, ".ssh", "config.d", directory, "hosts"), $"Host cp1\n  User {user}\n");
        }

        var text = File.ReadAllText(Path.Combine(Repository.Root, "tests", "EtcdDr.Tests", "Ssh", "ConfigCases", name));
        text = absolute ? text.Replace("Include ", $"Include {home}/.ssh/", StringComparison.Ordinal) : text;
        File.WriteAllText(Path.Combine(home, ".ssh", "config"), text);
    }

    private SshTarget ResolveWritten(string address) =>
        SshTargetResolver.Resolve("name", address, new SshSettings { ConfigFile = _home.At(".ssh", "config") }, _sink, _home.Path);

    private SshTarget Resolve(string address, string? config = null, Func<SshSettings, SshSettings>? change = null)
    {
        var file = _home.At(".ssh", "config");
        File.WriteAllText(file, config);
        var settings = new SshSettings { ConfigFile = file };
        return SshTargetResolver.Resolve("name", address, change?.Invoke(settings) ?? settings, _sink, _home.Path);
    }
}
