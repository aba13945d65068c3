using System.Diagnostics;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Ssh;

/// <summary>Each way to log in, against a real sshd.</summary>
[Trait("Category", "Lab")]
public sealed class SshLoginTests : IClassFixture<SshLoginTests.Fixture>
{
    private const string Passphrase = "open sesame";
    private readonly SshServer _server;
    private readonly RecordingSink _sink = new();

    public SshLoginTests(Fixture fixture) => _server = fixture.Server;

    public static TheoryData<string[], bool> Keys =>
        new()
        {
            { ["ssh-keygen", "-t", "ed25519"], false },
            { ["ssh-keygen", "-t", "ed25519"], true },
            { ["ssh-keygen", "-t", "ecdsa", "-b", "384"], true },
            { ["ssh-keygen", "-t", "rsa", "-b", "2048"], false },
            { ["ssh-keygen", "-t", "rsa", "-b", "2048", "-m", "PEM"], false },
            { ["ssh-keygen", "-t", "rsa", "-b", "2048", "-m", "PEM"], true },
            { ["ssh-keygen", "-t", "ecdsa", "-m", "PEM"], true },
            { ["ssh-keygen", "-t", "rsa", "-b", "2048", "-m", "PKCS8"], false },
            { ["ssh-keygen", "-t", "rsa", "-b", "2048", "-m", "PKCS8"], true },
            { ["ssh-keygen", "-t", "ecdsa", "-m", "PKCS8"], true },
            { ["puttygen", "-t", "ed25519", "--ppk-param", "version=3"], false },
            { ["puttygen", "-t", "ed25519", "--ppk-param", "version=3"], true },
            { ["puttygen", "-t", "rsa", "-b", "2048", "--ppk-param", "version=2"], true },
            { ["puttygen", "-t", "ecdsa", "-b", "256", "--ppk-param", "version=2"], false },
        };

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Keys_of_all_formats_log_in(string[] generator, bool encrypted)
    {
        var key = NewKey(generator, encrypted);
        if (encrypted)
        {
            Assert.Equal("KeyPassphraseRequired", (await RefusedAsync(With(key))).ErrorId);
            Assert.Equal(
                "KeyPassphraseWrong",
                (await RefusedAsync(With(key) with { KeyPassphrase = SshCommandTests.Secure("wrong") })).ErrorId
            );
        }

        await LogInAsync(With(key) with { KeyPassphrase = encrypted ? SshCommandTests.Secure(Passphrase) : null });
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("rsa")]
    public async Task A_certificate_beside_the_key_logs_in(string type)
    {
        var key = NewFile();
        SshServer.Run("ssh-keygen", "-q", "-t", type, "-N", "", "-f", key);
        Assert.Equal("SshAuthenticationFailed", (await RefusedAsync(With(key))).ErrorId);
        SshServer.Run(
            "ssh-keygen",
            "-q",
            "-s",
            Path.Combine(_server.Root, "ca"),
            "-I",
            "test",
            "-n",
            SshServer.Operator,
            "-V",
            "-1h:+1h",
            key + ".pub"
        );
        await LogInAsync(With(key));
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("ecdsa")]
    [InlineData("rsa")]
    public async Task An_agents_key_logs_in_and_opens_an_encrypted_file(string type)
    {
        var key = NewKey(["ssh-keygen", "-t", type], encrypted: false);
        using var agent = new Agent(key);
        SshServer.Run("ssh-keygen", "-q", "-p", "-P", "", "-N", Passphrase, "-f", key);
        await LogInAsync(With(key) with { UseAgent = true, ConfigFile = agent.ConfigFile });
        File.Delete(key);
        File.Delete(key + ".pub");
        await LogInAsync(_server.Settings() with { KeyFile = null, UseAgent = true, ConfigFile = agent.ConfigFile });
    }

    [Fact]
    public async Task A_dead_agent_is_told_of_when_login_fails()
    {
        var key = NewFile();
        SshServer.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
        var config = NewFile();
        await File.WriteAllTextAsync(config, "IdentityAgent /nowhere/agent.sock\n");
        var failure = await RefusedAsync(With(key) with { UseAgent = true, ConfigFile = config });
        Assert.Equal("SshAuthenticationFailed", failure.ErrorId);
        Assert.Contains(key, failure.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/agent.sock did not answer", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_logs_in_and_a_wrong_one_does_not()
    {
        var settings = _server.Settings() with { KeyFile = null, ConfigFile = NoIdentities() };
        await LogInAsync(settings with { Password = SshCommandTests.Secure(SshServer.Password) });
        var failure = await RefusedAsync(settings with { Password = SshCommandTests.Secure("wrong-one") });
        Assert.Equal("SshAuthenticationFailed", failure.ErrorId);
        Assert.Contains("the password", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-one", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_logs_in_by_keyboard_interactive()
    {
        using var server = SshServer.Start(_ => "PasswordAuthentication no\nKbdInteractiveAuthentication yes");
        await using var host = await server.ConnectAsync(
            server.Settings() with
            {
                KeyFile = null,
                ConfigFile = NoIdentities(),
                Password = SshCommandTests.Secure(SshServer.Password),
            }
        );
        Assert.Equal(
            SshServer.Operator,
            (await host.RunAsync(new RemoteCommand("test.who", "id -un") { AsRoot = false }, CancellationToken.None)).Text.Trim()
        );
    }

    [Fact]
    public async Task A_missing_and_a_broken_key_file_are_named()
    {
        Assert.Equal("KeyFileNotFound", (await RefusedAsync(With("/nowhere/id"))).ErrorId);
        var broken = NewFile();
        await File.WriteAllTextAsync(broken, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n");
        var failure = await RefusedAsync(With(broken));
        Assert.Equal(("KeyFileInvalid", (object)broken), (failure.ErrorId, failure.Target));
    }

    [Fact]
    public async Task A_key_file_that_others_can_read_is_warned_of()
    {
        var key = NewKey(["ssh-keygen", "-t", "ed25519"], encrypted: false);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await LogInAsync(With(key));
        Assert.Contains(key, Assert.Single(_sink.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_way_through_jump_hosts_is_found_and_each_proves_itself()
    {
        using var inner = SshServer.Start();
        using var middle = SshServer.Start();
        var known = NewFile();
        await File.WriteAllTextAsync(
            known,
            string.Concat(new[] { _server, middle, inner }.Select(server => File.ReadAllText(server.KnownHosts) + "\n"))
        );
        var settings = inner.Settings() with { KnownHostsFile = known, KeyFile = null, ConfigFile = NewFile() };
        await File.WriteAllTextAsync(
            settings.ConfigFile,
            string.Concat(new[] { _server, middle, inner }.Select(server => $"IdentityFile {server.KeyFile}\n"))
        );
        settings = settings with
        {
            JumpHosts = [$"{SshServer.Guest}@127.0.0.1:{_server.Port}", $"{SshServer.Guest}@127.0.0.1:{middle.Port}"],
        };
        await using (var host = await inner.ConnectAsync(settings))
        {
            Assert.Equal("0", (await host.RunAsync(new RemoteCommand("test.who", "id -u"), CancellationToken.None)).Text.Trim());
            await using var files = await host.OpenFilesAsync(CancellationToken.None);
            Assert.True((await files.StatAsync("/", CancellationToken.None))!.IsDirectory);
        }

        await File.WriteAllTextAsync(
            known,
            await File.ReadAllTextAsync(inner.KnownHosts) + "\n" + await File.ReadAllTextAsync(_server.KnownHosts)
        );
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => inner.ConnectAsync(settings));
        Assert.Equal("HostKeyUnknown", failure.ErrorId);
        Assert.Contains($"127.0.0.1:{middle.Port}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_not_there_is_unreachable_with_the_reason()
    {
        var settings = _server.Settings() with { Port = 1 };
        var refused = await RefusedAsync(settings);
        Assert.Equal("HostUnreachable", refused.ErrorId);
        Assert.Contains("refused", refused.Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<EtcdDrException>(() =>
            new SshHostFactory().ConnectAsync(
                "node9",
                "no-such-host.invalid",
                settings,
                new OperationContext(_sink),
                CancellationToken.None
            )
        );
        Assert.Equal("HostUnreachable", unknown.ErrorId);
        Assert.Contains("name", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_does_not_answer_is_given_up_in_time()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var settings = _server.Settings() with { Port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port, ConnectTimeoutSeconds = 1 };
        var failure = await RefusedAsync(settings);
        Assert.Equal("HostUnreachable", failure.ErrorId);
        Assert.Contains("no answer within 1 second", failure.Message, StringComparison.Ordinal);
    }

    private SshSettings With(string key) => _server.Settings() with { KeyFile = key };

    private string NewFile() => Path.Combine(_server.Root, Guid.NewGuid().ToString("N"));

    // Keeps the keys of whoever runs the tests out of them.
    private string NoIdentities()
    {
        var config = NewFile();
        File.WriteAllText(config, "IdentityFile none\n");
        return config;
    }

    private string NewKey(string[] generator, bool encrypted)
    {
        var key = NewFile();
        var putty = generator[0] == "puttygen";
        var secret = key + ".pass";
        File.WriteAllText(secret, encrypted ? Passphrase : string.Empty);
        SshServer.Run(
            generator[0],
            putty
                ? [.. generator[1..], "-q", "--new-passphrase", secret, "-o", key]
                : [.. generator[1..], "-q", "-N", encrypted ? Passphrase : string.Empty, "-f", key]
        );
        var publicKey = putty ? SshServer.Run("puttygen", "-L", key) : File.ReadAllText(key + ".pub");
        File.AppendAllText(Path.Combine(_server.Root, "authorized_keys"), publicKey.Trim() + "\n");
        return key;
    }

    private async Task LogInAsync(SshSettings settings)
    {
        await using var host = await _server.ConnectAsync(settings, new OperationContext(_sink));
        Assert.Equal("node1", host.Name);
    }

    private async Task<EtcdDrException> RefusedAsync(SshSettings settings) =>
        await Assert.ThrowsAsync<EtcdDrException>(() => _server.ConnectAsync(settings, new OperationContext(_sink)));

    public sealed class Fixture : IDisposable
    {
        internal SshServer Server { get; } =
            SshServer.Start(
                root => $"TrustedUserCAKeys {root}/ca.pub",
                prepare: root => SshServer.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(root, "ca"))
            );

        public void Dispose() => Server.Dispose();
    }

    /// <summary>A real ssh-agent that holds one key.</summary>
    private sealed class Agent : IDisposable
    {
        private readonly TempDirectory _directory = new();
        private readonly Process _process;

        public Agent(string key)
        {
            var socket = _directory.At("agent.sock");
            _process = Process.Start(
                new ProcessStartInfo("ssh-agent", ["-D", "-a", socket]) { RedirectStandardOutput = true, RedirectStandardError = true }
            )!;
            Assert.True(SpinWait.SpinUntil(() => File.Exists(socket), TimeSpan.FromMinutes(2)));
            SshServer.Run("env", $"SSH_AUTH_SOCK={socket}", "ssh-add", "-q", key);
            ConfigFile = _directory.At("config");
            File.WriteAllText(ConfigFile, $"IdentityAgent {socket}\nIdentityFile none\n");
        }

        public string ConfigFile { get; }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _directory.Dispose();
        }
    }
}
