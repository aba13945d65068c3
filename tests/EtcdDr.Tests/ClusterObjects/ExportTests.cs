using System.Text.Json.Nodes;
using EtcdDr.Engine.Objects;
using EtcdDr.Engine.Objects.Comparison;
using EtcdDr.Engine.Objects.Export;
using EtcdDr.Engine.Objects.Mapping;
using EtcdDr.Engine.Objects.Sources;

namespace EtcdDr.Tests.ClusterObjects;

public sealed class ExportTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-export-").FullName;

    [Theory]
    [InlineData("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", "shop/shop.yaml")]
    [InlineData("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}}", "shop/web.deployments.apps.yaml")]
    [InlineData("{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}}", "shop/web.services.yaml")]
    [InlineData(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: \"system:mine\"}}",
        "system%3Amine.clusterroles.rbac.authorization.k8s.io.yaml"
    )]
    [InlineData(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: ../../etc/passwd, namespace: ..}}",
        "%2E%2E/..%2F..%2Fetc%2Fpasswd.configmaps.yaml"
    )]
    public void A_file_lies_where_the_MAA_scripts_have_it_and_nowhere_else(string yaml, string path) =>
        Assert.Equal(path, ObjectFile.PathOf(Manifest.One(yaml)).Replace('\\', '/'));

    [Fact]
    public async Task What_is_written_is_read_back_as_it_was_by_its_owner_alone()
    {
        var items = Manifest.All(
            """
            {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop}, data: {"0644": eA==}, type: Opaque}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}, data: {script: "a\n  b\n", yes: "no", n: "1e3"}}
            """
        );
        foreach (var item in items)
        {
            await ObjectFile.WriteAsync(_directory, item, overwrite: false, CancellationToken.None);
            await ObjectFile.WriteAsync(_directory, item, overwrite: false, CancellationToken.None);
        }

        var read = new List<KubeObject>();
        await foreach (var item in new ManifestSource(e => throw e).ReadAsync(_directory, CancellationToken.None))
        {
            read.Add(item);
        }

        Assert.Equal(["ConfigMap shop/c", "Secret shop/s"], read.Select(r => r.ToString()));
        Assert.True(JsonNode.DeepEquals(items[1].Body, read[0].Body));
        Assert.True(JsonNode.DeepEquals(items[0].Body, read[1].Body));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(Path.Combine(_directory, "shop", "s.secrets.yaml"))
            );
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.Combine(_directory, "shop"))
            );
        }
    }

    [Fact]
    public async Task A_file_that_holds_something_else_is_left_until_that_is_asked_for()
    {
        var item = Manifest.One("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}, data: {a: b}}");
        var path = await ObjectFile.WriteAsync(_directory, item, overwrite: false, CancellationToken.None);
        await File.WriteAllTextAsync(path, "mine");

        var refused = await Assert.ThrowsAsync<EtcdDrException>(() =>
            ObjectFile.WriteAsync(_directory, item, overwrite: false, CancellationToken.None)
        );
        Assert.Equal("AlreadyExists", refused.ErrorId);
        Assert.Equal("mine", await File.ReadAllTextAsync(path));

        await ObjectFile.WriteAsync(_directory, item, overwrite: true, CancellationToken.None);
        Assert.StartsWith("apiVersion: v1", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void Two_sources_are_compared_without_what_clusters_set_and_under_their_names()
    {
        var one = Manifest.All(
            """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: same, namespace: shop, uid: a, resourceVersion: "1"}, data: {a: b}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop}, spec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: differs, namespace: shop}, data: {password: eA==}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: gone, namespace: shop}}
            ---
            {apiVersion: batch/v1, kind: Job, metadata: {name: done, namespace: shop}, status: {conditions: [{type: Complete,
              status: "True"}]}}
            """
        );
        var other = Manifest.All(
            """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: same, namespace: dr, uid: b, resourceVersion: "9"}, data: {a: b}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: s, namespace: dr}, spec: {clusterIP: 10.9.9.9, ports: [{port: 80}]}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: differs, namespace: dr}, data: {password: eQ==}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: new, namespace: dr}}
            """
        );
        var mapping = new ObjectMapping { Namespaces = new Dictionary<string, string> { ["shop"] = "dr" } };

        var found = new ObjectComparison(mapping).Compare(one, other, includeEqual: false).ToList();

        Assert.Equal(["Missing ConfigMap dr/gone", "Added ConfigMap dr/new", "Changed Secret dr/differs"], found.Select(d => d.ToString()));
        Assert.Equal(["data.password"], found[2].Paths);
        Assert.Equal(5, new ObjectComparison(mapping).Compare(one, other, includeEqual: true).Count());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
