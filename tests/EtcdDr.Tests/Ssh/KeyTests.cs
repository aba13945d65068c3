using System.Net.Sockets;
using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Ssh.Keys;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Ssh;

public sealed class KeyTests : IDisposable
{
    // Made for this test: openssl pkcs8 -topk8 -scrypt -passout pass:x
    private const string Scrypt = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAhgwIwZBKTolwICQAAC
        AQgCAQEwHQYJYIZIAWUDBAEqBBBdlxAtq0fJHvIfMdDMW18QBEBmXyzDRiUaClIx
        NnzLg83rNYuJp6sBHh+yp8jOTZRjeWRCXWq9sGh5tllHImK7VkudaPhRFwMZPhMn
        AEeD+LA2
        -----END ENCRYPTED PRIVATE KEY-----
        """;

    // The same key, -v2 aes-256-cbc.
    private const string Pbkdf2 = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi7dMg6b7wrnAICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEJ2b8eNlSQ+rXY7dsjsV1HYEQGGb
        u50ACnmaapKaTXgI+TEQXy3SQpRMOrKoRo9DWhEkiMZu/WnFzfSlQslYrYERRaWW
        pVEFAvxRvL5Wui8/q3w=
        -----END ENCRYPTED PRIVATE KEY-----
        """;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Encryption_by_scrypt_is_named_for_what_it_is()
    {
        var key = _directory.At("key");
        File.WriteAllText(key, Scrypt);
        foreach (var passphrase in new[] { null, SshCommandTests.Secure("x") })
        {
            var failure = Assert.Throws<EtcdDrException>(() => PrivateKeyLoader.Load(key, passphrase, []));
            Assert.Equal("KeyEncryptionUnsupported", failure.ErrorId);
            Assert.Contains("scrypt", failure.Message, StringComparison.Ordinal);
            Assert.Contains("ssh-keygen -p", failure.RecommendedAction, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Scrypt, true)]
    [InlineData(Pbkdf2, false)]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGT\n-----END ENCRYPTED PRIVATE KEY-----", false)]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\n%%%\n-----END ENCRYPTED PRIVATE KEY-----", false)]
    [InlineData("no key", false)]
    public void Only_scrypt_is_taken_for_scrypt(string text, bool isScrypt) => Assert.Equal(isScrypt, PrivateKeyFormat.UsesScrypt(text));

    [Fact]
    public async Task An_agent_is_reached_whose_sockets_path_is_longer_than_an_address()
    {
        var directory = _directory.At(new string('d', 60), new string('e', 60));
        Directory.CreateDirectory(directory);
        File.CreateSymbolicLink(_directory.At("short"), directory);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_directory.At("short", "agent")));
        listener.Listen();
        var answering = AnswerWithNoKeysAsync(listener);

        var sink = new RecordingSink();
        var target = new SshTarget
        {
            Name = "n",
            Host = "h",
            User = "u",
            KnownHostsFiles = [],
            AgentSocket = Path.Combine(directory, "agent"),
        };
        var notes = new List<string>();
        Assert.Empty(await KeyCollector.CollectAsync(target, sink, notes, default));

        Assert.Empty(notes);
        await answering;
    }

    // draft-miller-ssh-agent: SSH_AGENTC_REQUEST_IDENTITIES is 11, SSH_AGENT_IDENTITIES_ANSWER 12.
    private static async Task AnswerWithNoKeysAsync(Socket listener)
    {
        using var client = await listener.AcceptAsync();
        await using var stream = new NetworkStream(client);
        var request = new byte[5];
        await stream.ReadExactlyAsync(request);
        Assert.Equal([0, 0, 0, 1, 11], request);
        await stream.WriteAsync(new byte[] { 0, 0, 0, 5, 12, 0, 0, 0, 0 });
    }
}
