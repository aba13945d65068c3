using System.Net;
using System.Security;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Clusters.Profiles;

namespace EtcdDr.Tests.Clusters;

public sealed class EtcdClusterResolverTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-resolver-").FullName;

    public EtcdClusterResolverTests()
    {
        Write(
            "kube.conf",
            """
            current-context: admin@dr
            contexts: [{name: admin@dr, context: {cluster: dr}}]
            clusters: [{name: dr, cluster: {server: "https://k8slbr.example.com:6443"}}]
            """
        );
        Write("id", "key");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_cluster_of_the_profile_has_context_and_server_of_its_kubeconfig()
    {
        var cluster = FromProfile("kubeconfig: kube.conf\n    ssh: {keyFile: id}");

        Assert.Equal("admin@dr", cluster.Context);
        Assert.Equal("https://k8slbr.example.com:6443/", cluster.Server.ToString());
        Assert.Equal(Path.Combine(_directory, "id"), cluster.Ssh.KeyFile);
        Assert.Equal(Path.Combine(_directory, "etcddr.yaml"), cluster.ProfilePath);
    }

    [Theory]
    [InlineData("kubeconfig: none.conf", "KubeconfigNotFound", "line 3: 'kubeconfig' names")]
    [InlineData("kubeconfig: kube.conf\n    ssh: {keyFile: none}", "KeyFileNotFound", "line 4: 'keyFile' names")]
    [InlineData("kubeconfig: kube.conf\n    ssh:\n      knownHosts: none", "KnownHostsFileNotFound", "line 5: 'knownHosts' names")]
    [InlineData("kubeconfig: kube.conf\n    etcd: {uploadTool: none}", "UploadToolNotFound", "line 4: 'uploadTool' names")]
    [InlineData("kubeconfig: kube.conf\n    encryptTo: [none.pem]", "CertificateNotFound", "line 4: 'encryptTo' names")]
    [InlineData("kubeconfig: kube.conf\n    context: other", "KubeContextNotFound", "line 4: ")]
    public void What_is_missing_is_an_error_that_names_file_line_and_key(string cluster, string errorId, string where)
    {
        var error = Assert.Throws<EtcdDrException>(() => FromProfile(cluster));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains($"{_directory}/etcddr.yaml, {where}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_come_from_the_named_variables_and_parameters_win()
    {
        var variable = $"ETCDDR_TEST_{Guid.NewGuid():N}";
        var text = $"kubeconfig: kube.conf\n    ssh: {{keyFile: id, keyPassphraseEnv: {variable}}}";

        var error = Assert.Throws<EtcdDrException>(() => FromProfile(text));
        Assert.Equal("ProfileSecretNotSet", error.ErrorId);
        Assert.Contains(variable, error.Message, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(variable, "from environment");
        try
        {
            Assert.Equal("from environment", Reveal(FromProfile(text).Ssh.KeyPassphrase));
            Assert.Equal("given", Reveal(FromProfile(text, new ClusterSecrets { KeyPassphrase = Secret("given") }).Ssh.KeyPassphrase));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    public void A_cluster_that_the_profile_does_not_have_is_an_error_with_a_guess()
    {
        var error = Assert.Throws<EtcdDrException>(() => EtcdClusterResolver.FromProfile(Profile("kubeconfig: kube.conf"), "secndary"));

        Assert.Equal("ClusterNotFound", error.ErrorId);
        Assert.Contains("did you mean 'secondary'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cluster_of_parameters_is_named_by_its_context()
    {
        var cluster = EtcdClusterResolver.FromParameters(Given(""));

        Assert.Equal(("admin@dr", "admin@dr", "k8slbr.example.com"), (cluster.Name, cluster.Context, cluster.Server.Host));
        Assert.Equal("dr", EtcdClusterResolver.FromParameters(Given("dr")).Name);
        Assert.Equal(
            "KeyFileNotFound",
            Assert
                .Throws<EtcdDrException>(() =>
                    EtcdClusterResolver.FromParameters(Given("") with { Ssh = new SshSettings { KeyFile = "/none" } })
                )
                .ErrorId
        );
    }

    [Fact]
    public void Hosts_have_their_own_settings()
    {
        var profile = EtcdProfile.Parse(
            Path.Combine(_directory, "etcddr.yaml"),
            "clusters: {}\nhosts: {dr: {address: 10.0.0.9, user: opc, keyFile: id}}"
        );

        var (address, ssh) = EtcdClusterResolver.Host(profile, "dr")!.Value;
        Assert.Equal(("10.0.0.9", "opc"), (address, ssh.User));
        Assert.Null(EtcdClusterResolver.Host(profile, "none"));
    }

    private static string Reveal(SecureString? secret) => new NetworkCredential("", secret).Password;

    private static SecureString Secret(string text) => new NetworkCredential("", text).SecurePassword;

    private EtcdCluster Given(string name) =>
        new()
        {
            Name = name,
            Kubeconfig = Path.Combine(_directory, "kube.conf"),
            Context = "",
            Server = new Uri("https://localhost"),
        };

    private EtcdProfile Profile(string cluster) =>
        EtcdProfile.Parse(Path.Combine(_directory, "etcddr.yaml"), $"clusters:\n  secondary:\n    {cluster}\n");

    private EtcdCluster FromProfile(string cluster, ClusterSecrets? secrets = null) =>
        EtcdClusterResolver.FromProfile(Profile(cluster), "secondary", secrets);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);
}
