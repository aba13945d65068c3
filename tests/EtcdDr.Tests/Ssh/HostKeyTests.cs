namespace EtcdDr.Tests.Ssh;

/// <summary>How hosts are trusted, against a real sshd.</summary>
[Trait("Category", "Lab")]
public sealed class HostKeyTests : IClassFixture<HostKeyTests.Fixture>
{
    private readonly SshServer _server;

    public HostKeyTests(Fixture fixture) => _server = fixture.Server;

    private string Name => $"[127.0.0.1]:{_server.Port}";

    [Theory]
    [InlineData("ed25519")]
    [InlineData("ecdsa")]
    [InlineData("rsa")]
    public async Task A_host_known_by_one_type_of_key_is_asked_for_that_type(string type) =>
        await ConnectAsync($"{Name} {PublicKey(type)}");

    [Fact]
    public async Task A_hashed_entry_is_found()
    {
        var file = Path.Combine(_server.Root, $"hashed-{Guid.NewGuid():N}");
        File.WriteAllText(file, $"{Name} {PublicKey("ed25519")}\n");
        SshServer.Run("ssh-keygen", "-q", "-H", "-f", file);
        Assert.DoesNotContain("127.0.0.1", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        await ConnectAsync(await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_host_known_without_its_port_is_accepted_if_the_key_is_the_same() =>
        await ConnectAsync($"127.0.0.1 {PublicKey("ed25519")}");

    [Theory]
    [InlineData("")]
    [InlineData("other.example.com {0}")]
    public async Task An_unknown_key_is_an_error_with_fingerprint_and_the_way_to_accept_it(string line)
    {
        var failure = await RefusedAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, line, PublicKey("ed25519")));
        Assert.Equal(("HostKeyUnknown", EtcdDrErrorCategory.SecurityError), (failure.ErrorId, failure.Category));
        Assert.Contains("ssh-ed25519 " + Fingerprint("ed25519"), failure.Message, StringComparison.Ordinal);
        Assert.Contains($"ssh-keyscan -p {_server.Port} 127.0.0.1 >> ", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_key_is_an_error_that_names_file_and_line()
    {
        var failure = await RefusedAsync($"# comment\n{Name} {PublicKey("other")}");
        Assert.Equal("HostKeyChanged", failure.ErrorId);
        Assert.Contains(":2 holds " + Fingerprint("other"), failure.Message, StringComparison.Ordinal);
        Assert.Contains(Fingerprint("ed25519"), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_key_is_an_error_even_if_it_is_known()
    {
        var failure = await RefusedAsync($"{Name} {PublicKey("ed25519")}\n@revoked * {PublicKey("ed25519")}");
        Assert.Equal("HostKeyRevoked", failure.ErrorId);
    }

    [Fact]
    public async Task A_known_hosts_file_that_is_not_there_knows_nobody()
    {
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() =>
            _server.ConnectAsync(_server.Settings() with { KnownHostsFile = "/nowhere/known_hosts" })
        );
        Assert.Equal("HostKeyUnknown", failure.ErrorId);
    }

    [Fact]
    public async Task A_certificate_of_a_known_authority_is_trusted()
    {
        Certify("-n", "127.0.0.1,node1", "-V", "-1h:+1h");
        await ConnectAsync($"@cert-authority [127.0.0.1]:* {PublicKey("ca")}");
    }

    [Theory]
    [InlineData("for other.example.com", "-n", "other.example.com", "-V", "-1h:+1h")]
    [InlineData("valid until", "-n", "127.0.0.1", "-V", "-2h:-1h")]
    [InlineData("valid only from", "-n", "127.0.0.1", "-V", "+1h:+2h")]
    [InlineData("it is for", "-V", "-1h:+1h")]
    public async Task A_certificate_that_does_not_hold_is_refused_with_the_reason(string reason, params string[] options)
    {
        Certify(options);
        var failure = await RefusedAsync($"@cert-authority * {PublicKey("ca")}");
        Assert.Equal("HostCertificateInvalid", failure.ErrorId);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_unless_the_key_in_it_is_known()
    {
        Certify("-n", "127.0.0.1", "-V", "-1h:+1h");
        var failure = await RefusedAsync($"@cert-authority * {PublicKey("other")}");
        Assert.Equal("HostKeyUnknown", failure.ErrorId);
        Assert.Contains(Fingerprint("ca"), failure.Message, StringComparison.Ordinal);
        await ConnectAsync($"@cert-authority * {PublicKey("other")}\n{Name} {PublicKey("ed25519")}");
    }

    [Fact]
    public async Task A_revoked_authority_is_refused()
    {
        Certify("-n", "127.0.0.1", "-V", "-1h:+1h");
        Assert.Equal("HostKeyRevoked", (await RefusedAsync($"@cert-authority * {PublicKey("ca")}\n@revoked * {PublicKey("ca")}")).ErrorId);
    }

    private void Certify(params string[] options)
    {
        SshServer.Run(
            "ssh-keygen",
            [
                "-q",
                "-s",
                Path.Combine(_server.Root, "ca"),
                "-I",
                "test-host",
                "-h",
                .. options,
                Path.Combine(_server.Root, "host_ed25519.pub"),
            ]
        );

        // sshd re-reads its keys and certificates for each connection's process only on reload.
        _server.Reload();
    }

    private string PublicKey(string name)
    {
        var path = new[] { $"host_{name}.pub", $"{name}.pub" }.Select(file => Path.Combine(_server.Root, file)).First(File.Exists);
        return File.ReadAllText(path).Trim();
    }

    private string Fingerprint(string name) =>
        Engine.Ssh.HostKeys.HostKeyCheck.Fingerprint(Convert.FromBase64String(PublicKey(name).Split(' ')[1]));

    private async Task ConnectAsync(string knownHosts)
    {
        await using var host = await _server.ConnectAsync(Known(knownHosts));
        Assert.Equal("node1", host.Name);
    }

    private async Task<EtcdDrException> RefusedAsync(string knownHosts) =>
        await Assert.ThrowsAsync<EtcdDrException>(() => _server.ConnectAsync(Known(knownHosts)));

    private SshSettings Known(string lines)
    {
        var file = Path.Combine(_server.Root, $"known-{Guid.NewGuid():N}");
        File.WriteAllText(file, lines + "\n");
        return _server.Settings() with { KnownHostsFile = file };
    }

    public sealed class Fixture : IDisposable
    {
        internal SshServer Server { get; } =
            SshServer.Start(
                prepare: root =>
                {
                    foreach (var name in new[] { "ca", "other" })
                        SshServer.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(root, name));

                    SshServer.Run(
                        "ssh-keygen",
                        "-q",
                        "-s",
                        Path.Combine(root, "ca"),
                        "-I",
                        "test-host",
                        "-h",
                        "-n",
                        "127.0.0.1",
                        Path.Combine(root, "host_ed25519.pub")
                    );
                },
                sshdConfig: root => $"HostCertificate {root}/host_ed25519-cert.pub"
            );

        public void Dispose() => Server.Dispose();
    }
}
