using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using EtcdDr.Engine.Objects;
using EtcdDr.Engine.Objects.Sources;

namespace EtcdDr.Tests.ClusterObjects;

public sealed class ManifestSourceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-manifests-").FullName;
    private readonly List<EtcdDrException> _failures = [];

    [Fact]
    public async Task Documents_lists_and_typed_lists_are_objects_each()
    {
        Write(
            "all.yaml",
            """
            # nothing before the first
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a}
            ---
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Secret, metadata: {name: b}}
            - {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: c}}]}
            """
        );
        Write("typed.json", """{"apiVersion":"apps/v1","kind":"DeploymentList","items":[{"metadata":{"name":"d"}}]}""");
        Write("empty.yaml", "apiVersion: v1\nkind: List\nitems: []\n");

        var found = await ReadAsync(_directory);

        Assert.Equal(["ConfigMap a", "Secret b", "Pod c", "Deployment.apps d"], found.Select(o => o.ToString()));
        Assert.Equal("apps/v1", found[3].ApiVersion);
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task An_archive_of_the_MAA_scripts_is_read_as_it_is_whatever_its_files_are_called()
    {
        var archive = Path.Combine(_directory, "k8s.example.com-6443.26-11-22-23-53-31.gz");
        await using (var file = File.Create(archive))
        await using (var gzip = new GZipStream(file, CompressionMode.Compress))
        await using (var tar = new TarWriter(gzip))
        {
            Add(tar, "26-11-22/shop/web.deployments.apps.yaml", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, uid: u}}");
            Add(tar, "26-11-22/shop/web.services.yaml", "{apiVersion: v1, kind: Service, metadata: {name: web}}");
            Add(tar, "26-11-22/backup_operations.log", "not a manifest");
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, "26-11-22/link.yaml") { LinkName = "/etc/passwd" });
        }

        var found = await ReadAsync(archive);

        Assert.Equal(["Deployment.apps web", "Service web"], found.Select(o => o.ToString()));
        Assert.Equal($"{archive}:26-11-22/shop/web.services.yaml", found[1].Source);
        Assert.Empty(_failures);

        // In a directory it lies beside what is in it.
        Assert.Empty(await ReadAsync(_directory));
    }

    [Fact]
    public async Task What_is_broken_is_named_and_the_rest_is_read()
    {
        Write("1.yaml", "a: [1\nb: }");
        Write("2.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-}}");
        Write("3.json", """{"apiVersion": "v1", "kind": """);
        Write("4.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
        Write("5.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}");
        Write(".hidden.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: hidden}}");
        Write("readme.txt", "no manifest");

        var found = await ReadAsync(_directory);

        Assert.Equal(["ConfigMap a", "ConfigMap b"], found.Select(o => o.ToString()));
        Assert.All(_failures, f => Assert.Equal("ObjectFileInvalid", f.ErrorId));
        Assert.Equal(3, _failures.Count);
        Assert.Contains("it has no metadata.name", _failures[1].Message, StringComparison.Ordinal);
        Assert.StartsWith($"'{Path.Combine(_directory, "1.yaml")}, line ", _failures[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_that_is_none_is_an_error()
    {
        Write("broken.tgz", "no archive");

        Assert.Empty(await ReadAsync(Path.Combine(_directory, "broken.tgz")));
        Assert.Equal("ObjectFileUnreadable", Assert.Single(_failures).ErrorId);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_an_error()
    {
        Assert.Empty(await ReadAsync(Path.Combine(_directory, "none.yaml")));
        Assert.Equal("ObjectFileUnreadable", Assert.Single(_failures).ErrorId);
    }

    [Fact]
    public async Task A_link_that_leads_in_a_circle_ends()
    {
        Write("a.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
        Directory.CreateSymbolicLink(Path.Combine(_directory, "again"), _directory);

        Assert.Single(await ReadAsync(_directory));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);

    private static void Add(TarWriter tar, string name, string text) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });

    private async Task<List<KubeObject>> ReadAsync(string path)
    {
        var found = new List<KubeObject>();
        await foreach (var item in new ManifestSource(_failures.Add).ReadAsync(path, CancellationToken.None))
        {
            found.Add(item);
        }

        return found;
    }
}
