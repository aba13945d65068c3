using System.Collections;
using EtcdDr.Commands;
using EtcdDr.Completion;

namespace EtcdDr.Tests.Commands;

public sealed class GetEtcdClusterCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-get-cluster-").FullName;

    public GetEtcdClusterCommandTests()
    {
        File.WriteAllText(
            Path.Combine(_directory, "kube.conf"),
            """
            current-context: admin@dr
            contexts: [{name: admin@dr, context: {cluster: dr}}, {name: viewer@dr, context: {cluster: dr}}]
            clusters: [{name: dr, cluster: {server: "https://k8slbr.example.com:6443"}}]
            """
        );
        File.WriteAllText(
            Path.Combine(_directory, "etcddr.yaml"),
            """
            clusters:
              primary: {kubeconfig: kube.conf}
              secondary: {kubeconfig: kube.conf, context: viewer@dr}
              broken: {kubeconfig: none.conf}
            """
        );
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Clusters_come_by_name_by_wildcard_and_all_where_none_is_named()
    {
        Assert.Equal(["secondary", "primary"], await NamesAsync("Get-EtcdCluster secondary, primary -ProfilePath $profilePath"));
        Assert.Equal(["primary"], await NamesAsync("'PRIMARY' | Get-EtcdCluster -ProfilePath $profilePath"));
        Assert.Equal(["primary", "secondary"], await NamesAsync("Get-EtcdCluster *ary -ProfilePath $profilePath"));
    }

    [Fact]
    public async Task A_broken_cluster_does_not_hide_the_others()
    {
        var result = await RunAsync("Get-EtcdCluster -ProfilePath $profilePath");

        Assert.Equal(["primary", "secondary"], result.Output.Select(o => ((EtcdCluster)o.BaseObject).Name));
        Assert.StartsWith("KubeconfigNotFound", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_make_a_cluster_without_a_profile()
    {
        var result = await RunAsync(
            "Get-EtcdCluster dr -Kubeconfig $kubeconfig -Context viewer@dr -SshUser opc -SshPort 2222 -JumpHost a, b -NodeAddress @{ "
                + "m1 = '10.0.0.1' } -ServerAddress 10.0.0.9"
        );

        var cluster = (EtcdCluster)Assert.Single(result.Output).BaseObject;
        Assert.Equal(
            ("dr", "viewer@dr", "opc", 2222, "10.0.0.9"),
            (cluster.Name, cluster.Context, cluster.Ssh.User, cluster.Ssh.Port, cluster.ServerAddress)
        );
        Assert.Equal(["a", "b"], cluster.Ssh.JumpHosts);
        Assert.Equal("10.0.0.1", cluster.NodeAddresses["m1"]);
    }

    [Fact]
    public async Task A_profile_that_is_not_there_ends_the_cmdlet()
    {
        var result = await RunAsync("Get-EtcdCluster x -ProfilePath /none/etcddr.yaml");

        Assert.StartsWith("ProfileNotFound", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_and_contexts_are_completed_from_files()
    {
        var profile = new Hashtable { ["ProfilePath"] = Path.Combine(_directory, "etcddr.yaml") };
        var kubeconfig = new Hashtable { ["Kubeconfig"] = Path.Combine(_directory, "kube.conf") };

        Assert.Equal(["secondary"], Complete(new ClusterNameCompleter(), "SEC", profile));
        Assert.Equal(["'admin@dr'", "'viewer@dr'"], Complete(new KubeContextCompleter(), "", kubeconfig));
        Assert.Empty(Complete(new KubeContextCompleter(), "", new Hashtable { ["Kubeconfig"] = "/none" }));
        Assert.Empty(Complete(new ClusterNameCompleter(), "", new Hashtable { ["ProfilePath"] = "/none" }));
    }

    private static IEnumerable<string> Complete(NameCompleter completer, string word, IDictionary bound) =>
        completer.CompleteArgument("Get-EtcdCluster", "Name", word, null!, bound).Select(c => c.CompletionText);

    private async Task<IEnumerable<string>> NamesAsync(string script) =>
        (await RunAsync(script)).Output.Select(o => ((EtcdCluster)o.BaseObject).Name);

    private Task<CmdletResult> RunAsync(string script) =>
        new CmdletRunspace
        {
            Cmdlets = new Dictionary<string, Type> { ["Get-EtcdCluster"] = typeof(GetEtcdClusterCommand) },
            Variables = new Dictionary<string, object?>
            {
                ["profilePath"] = Path.Combine(_directory, "etcddr.yaml"),
                ["kubeconfig"] = Path.Combine(_directory, "kube.conf"),
            },
        }.RunAsync(script);
}
