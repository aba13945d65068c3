using System.Security.Cryptography;
using EtcdDr.Engine.Clusters.Maa;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Clusters;

public sealed class MaaProfileTests : IDisposable
{
    // The playbook's, with the variables that only some versions of the scripts have.
    private const string Playbook = """
        #sudo ready user to ssh into the control plane nodes
        export user=opc
        #ssh key for the ssh
        export ssh_key=/nowhere/KeyMAA.ppk
        #etcdctl executable's location
        export etcdctlhome=/scratch/etcdctl/
        export advert_port=2379
        export init_port=2380
        export infra_pod_list="flannel proxy controller scheduler"
        bastion_node=dr-bastion # trailing
        """;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_playbooks_variables_become_a_cluster_of_a_new_profile()
    {
        var converted = Convert(Playbook);
        converted.Write();

        var cluster = EtcdProfile.Load(Profile).Cluster("primary");
        Assert.Equal("opc", cluster.Ssh.Settings.User);
        Assert.Equal("/nowhere/KeyMAA.ppk", cluster.Ssh.Settings.KeyFile);
        Assert.Equal(["opc@dr-bastion"], cluster.Ssh.Settings.JumpHosts);
        Assert.Equal((2379, 2380, "/scratch/etcdctl/"), (cluster.Etcd.ClientPort, cluster.Etcd.PeerPort, cluster.Etcd.ToolPath));
        Assert.Equal(["flannel", "proxy", "controller", "scheduler"], cluster.Recycle.InfrastructurePods);
        Assert.Equal(7, converted.Conversion.CarriedOver.Count);
        Assert.Contains("not on this machine", Assert.Single(converted.Conversion.NotCarriedOver), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_of_the_file_is_run_and_what_only_a_shell_could_tell_is_named_by_its_line()
    {
        var mark = _directory.At("mark");

        var converted = Convert(
            $"touch {mark}; export user=opc\nexport user=$(touch {mark}; echo opc)\nexport ssh_key=`touch {mark}`\nexport SECRET=hidden\n"
        ).Conversion;

        Assert.False(File.Exists(mark));
        Assert.Empty(converted.CarriedOver);
        Assert.Equal(["Line 1 ", "Line 2 ", "Line 3 "], converted.NotCarriedOver.Take(3).Select(n => n[..7]));
        Assert.Equal("The variable SECRET has no counterpart in a profile.", converted.NotCarriedOver[3]);
    }

    [Theory]
    [InlineData("user='o p'c", "o pc")]
    [InlineData("a=x; export b=y\nexport user=\"$a-${b}\"\nexport user", "x-y")]
    [InlineData("export user=first\r\nexport user=last\r\n", "last")]
    [InlineData("export user='$a'", "$a")]
    [InlineData("user=o#c #d", "o#c")]
    public void Words_are_split_as_a_shell_splits_them(string text, string user)
    {
        Convert(text).Write();

        Assert.Equal(user, EtcdProfile.Load(Profile).Cluster("primary").Ssh.Settings.User);
    }

    [Fact]
    public void A_profile_that_is_there_keeps_its_text_and_gets_one_cluster_more()
    {
        const string Before = "# mine\nclusters:\n    other: # kept\n        kubeconfig: '/k'   # quoted\nhosts: {}   # none\n";
        File.WriteAllText(Profile, Before);
        File.SetUnixFileMode(Profile, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Convert(Playbook).Write();

        var after = File.ReadAllText(Profile);
        Assert.Equal(["other", "primary"], EtcdProfile.Load(Profile).Clusters);
        Assert.StartsWith(
            "# mine\nclusters:\n    other: # kept\n        kubeconfig: '/k'   # quoted\n    primary:\n",
            after,
            StringComparison.Ordinal
        );
        Assert.EndsWith("hosts: {}   # none\n", after, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Profile));
    }

    [Fact]
    public void A_cluster_that_is_there_gets_what_it_lacks_and_keeps_the_rest_unless_told_otherwise()
    {
        File.WriteAllText(
            Profile,
            $"clusters:\n  Primary:\n    kubeconfig: {_directory.At("config")}\n    ssh: {{user: root}} # the old one\n    etcd:\n  "
                + "    clientPort: 2379\n"
        );

        var error = Assert.Throws<EtcdDrException>(() => Convert(Playbook));
        Convert(Playbook, force: true).Write();

        Assert.Equal("ProfileClusterExists", error.ErrorId);
        Assert.Contains("ssh.user (line 4).", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "user: opc, keyFile: /nowhere/KeyMAA.ppk, jumpHosts: [opc@dr-bastion]} # the old one\n",
            File.ReadAllText(Profile),
            StringComparison.Ordinal
        );
        Assert.Equal(["Primary"], EtcdProfile.Load(Profile).Clusters);
        Assert.False(Convert(Playbook).Conversion.Changed);
    }

    [Fact]
    public void Keys_are_recognized_encrypted_or_not_and_in_every_format()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var secret = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);

        Assert.Empty(NotesOfKey(key.ExportECPrivateKeyPem()));
        Assert.Contains(
            "has a passphrase",
            Assert.Single(NotesOfKey(key.ExportEncryptedPkcs8PrivateKeyPem("a passphrase", secret))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "has a passphrase",
            Assert.Single(NotesOfKey("PuTTY-User-Key-File-2: ssh-rsa\nEncryption: aes256-cbc\n")),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "has a passphrase",
            Assert.Single(NotesOfKey("PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: aes256-cbc\r\n")),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "not a private key that can be used",
            Assert.Single(NotesOfKey("PuTTY-User-Key-File-1: ssh-rsa\nEncryption: none\n")),
            StringComparison.Ordinal
        );
    }

    private string Profile => _directory.At("etcddr.yaml");

    private IReadOnlyList<string> NotesOfKey(string key)
    {
        File.WriteAllText(_directory.At("key"), key);
        File.Delete(Profile);
        return Convert("ssh_key=key").Conversion.NotCarriedOver;
    }

    private MaaProfile Convert(string environment, bool force = false)
    {
        File.WriteAllText(_directory.At("maak8s.env"), environment);
        File.WriteAllText(
            _directory.At("config"),
            "{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: k, cluster: {server: 'https://lb:6443'}}], contexts: "
                + "[{name: c, context: {cluster: k, user: u}}], users: [{name: u, user: {token: t}}]}"
        );
        return MaaProfile.Convert(_directory.At("maak8s.env"), _directory.At("config"), null, Profile, "primary", force);
    }
}
