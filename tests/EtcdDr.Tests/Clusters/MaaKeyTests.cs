using EtcdDr.Engine.Clusters.Maa;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Ssh.Keys;
using EtcdDr.Tests.Snapshots;
using EtcdDr.Tests.Ssh;

namespace EtcdDr.Tests.Clusters;

/// <summary>Keys that a <c>maak8s.env</c> may name, as PuTTY's and OpenSSH's own programs write them: carried over, and opened from the
/// profile that comes of it.</summary>
[Trait("Category", "Lab")]
public sealed class MaaKeyTests : IDisposable
{
    private const string Passphrase = "open sesame";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("version=2", "rsa", false, "")]
    [InlineData("version=2", "rsa", true, "Encryption: aes256-cbc")]
    [InlineData("version=3", "ed25519", false, "")]
    [InlineData("version=3", "ed25519", true, "Key-Derivation: Argon2id")]
    [InlineData("version=3,kdf=argon2i", "ecdsa", true, "Key-Derivation: Argon2i")]
    [InlineData("version=3,kdf=argon2d", "rsa", true, "Key-Derivation: Argon2d")]
    public void Putty_keys_are_carried_over_and_open(string parameters, string type, bool encrypted, string holds)
    {
        var secret = _directory.At("secret");
        File.WriteAllText(secret, encrypted ? Passphrase : "");
        SshServer.Run(
            "puttygen",
            "-t",
            type,
            "--ppk-param",
            parameters,
            "-q",
            "--new-passphrase",
            secret,
            "-o",
            _directory.At("KeyMAA.ppk")
        );

        Assert.Contains(holds, File.ReadAllText(_directory.At("KeyMAA.ppk")), StringComparison.Ordinal);
        ExpectCarriedOver(encrypted);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("PEM", true)]
    [InlineData("PKCS8", true)]
    public void Openssh_keys_are_carried_over_and_open(string format, bool encrypted)
    {
        SshServer.Run(
            "ssh-keygen",
            [
                "-q",
                "-t",
                "ecdsa",
                "-N",
                encrypted ? Passphrase : "",
                "-f",
                _directory.At("KeyMAA.ppk"),
                .. format.Length > 0 ? (string[])["-m", format] : [],
            ]
        );

        ExpectCarriedOver(encrypted);
    }

    private void ExpectCarriedOver(bool encrypted)
    {
        File.WriteAllText(_directory.At("maak8s.env"), "export user=opc\nexport ssh_key=KeyMAA.ppk\n");
        File.WriteAllText(
            _directory.At("config"),
            "{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: k, cluster: {server: 'https://lb:6443'}}], contexts: "
                + "[{name: c, context: {cluster: k, user: u}}], users: [{name: u, user: {token: t}}]}"
        );
        var converted = MaaProfile.Convert(
            _directory.At("maak8s.env"),
            _directory.At("config"),
            null,
            _directory.At("etcddr.yaml"),
            "primary",
            overwrite: false
        );
        converted.Write();
        var file = EtcdProfile.Load(_directory.At("etcddr.yaml")).Cluster("primary").Ssh.Settings.KeyFile!;

        Assert.Equal(["user -> ssh.user", "ssh_key -> ssh.keyFile"], converted.Conversion.CarriedOver);
        if (encrypted)
        {
            Assert.Contains("has a passphrase", Assert.Single(converted.Conversion.NotCarriedOver), StringComparison.Ordinal);
            Assert.Equal("KeyPassphraseRequired", Assert.Throws<EtcdDrException>(() => PrivateKeyLoader.Load(file, null, [])).ErrorId);
        }
        else
        {
            Assert.Empty(converted.Conversion.NotCarriedOver);
        }

        using var key = PrivateKeyLoader.Load(file, encrypted ? SshCommandTests.Secure(Passphrase) : null, []);
        Assert.Equal(_directory.At("KeyMAA.ppk"), key.Description);
    }
}
