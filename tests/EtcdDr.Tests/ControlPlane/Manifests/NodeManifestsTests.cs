using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.ControlPlane.Manifests;

public sealed class NodeManifestsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-manifests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task All_files_of_the_directory_come_in_one_round_trip()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "etcd.yaml"), ManifestTexts.Etcd);
        await File.WriteAllTextAsync(Path.Combine(_directory, "kube-apiserver.yaml"), ManifestTexts.ApiServer);
        await File.WriteAllTextAsync(Path.Combine(_directory, "odd name\n.txt"), "no pod: ä");
        await File.WriteAllTextAsync(Path.Combine(_directory, ".etcd.yaml.swp"), ManifestTexts.Etcd);
        Directory.CreateDirectory(Path.Combine(_directory, "held"));

        await using var host = new LocalHost("m1");
        var manifests = await NodeManifests.ReadAsync(host, CancellationToken.None, _directory);

        Assert.Equal(_directory, manifests.StaticPodPath);
        Assert.Equal("m1", manifests.RequireEtcd().Name);
        Assert.Equal($"{_directory}/etcd.yaml", manifests.RequireEtcd().ManifestPath);
        Assert.Equal(6443, manifests.RequireApiServer().SecurePort);
        Assert.Null(manifests.Scheduler);
        Assert.Equal(ManifestTexts.Etcd, manifests.Texts["etcd.yaml"]);
        Assert.Equal("no pod: ä", manifests.Texts["odd name\n.txt"]);
        Assert.Equal(["odd name\n.txt"], manifests.Unreadable.Select(u => u.FileName));
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_an_error_that_names_it()
    {
        await using var host = new LocalHost("m1");
        var missing = Path.Combine(_directory, "none");

        var error = await Assert.ThrowsAsync<EtcdDrException>(() => NodeManifests.ReadAsync(host, CancellationToken.None, missing));

        Assert.Equal("ManifestDirectoryNotFound", error.ErrorId);
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_under_another_name_counts_if_it_is_the_only_one()
    {
        Assert.Equal("m1", Parse(("00-etcd.yml", ManifestTexts.Etcd)).RequireEtcd().Name);
        Assert.Equal("m1", Parse(("etcd.yaml", ManifestTexts.Etcd), ("etcd.yaml.bak", ManifestTexts.Etcd)).RequireEtcd().Name);
        var error = Assert.Throws<EtcdDrException>(() => Parse(("a.yaml", ManifestTexts.Etcd), ("b.yaml", ManifestTexts.Etcd)));
        Assert.Equal("ManifestAmbiguous", error.ErrorId);
    }

    [Theory]
    [InlineData("etcd.yaml.bak-before-upgrade")]
    [InlineData("etcd.yml")]
    [InlineData("zz.json")]
    public void A_second_definition_of_etcd_is_refused_by_name_where_one_would_be_taken_aside(string copy)
    {
        var manifests = Parse(("etcd.yaml", ManifestTexts.Etcd), (copy, ManifestTexts.Etcd));

        var error = Assert.Throws<EtcdDrException>(() => ControlPlanePart.Of(manifests));

        Assert.Equal("ManifestAmbiguous", error.ErrorId);
        Assert.Contains($"etcd.yaml, {copy}", error.Message, StringComparison.Ordinal);
        Assert.Equal(["etcd.yaml", copy], manifests.FilesOf("etcd"));
    }

    [Fact]
    public void Parts_are_known_by_the_files_that_define_them()
    {
        var parts = ControlPlanePart.Of(Parse(("00-etcd.yml", ManifestTexts.Etcd), ("10-apiserver.yaml", ManifestTexts.ApiServer)));

        Assert.Equal(["kube-apiserver/10-apiserver.yaml", "etcd/00-etcd.yml"], parts.Select(p => $"{p.Name}/{p.File}"));
    }

    [Fact]
    public void External_etcd_is_refused_and_names_its_servers()
    {
        var text = ManifestTexts.ApiServer.Replace(
            "https://127.0.0.1:2379",
            "https://etcd-1:2379,https://etcd-2:2379",
            StringComparison.Ordinal
        );

        var error = Assert.Throws<EtcdDrException>(() => Parse(("kube-apiserver.yaml", text)).RequireEtcd());

        Assert.Equal("ExternalEtcd", error.ErrorId);
        Assert.Equal(EtcdDrErrorCategory.NotImplemented, error.Category);
        Assert.Contains("https://etcd-1:2379, https://etcd-2:2379", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_external_etcd_beside_kubernetes_is_named_as_such()
    {
        var text = ManifestTexts.ApiServer.Replace("https://127.0.0.1:2379", "https://10.5.176.144:2379", StringComparison.Ordinal);

        Assert.Equal("ExternalEtcd", Assert.Throws<EtcdDrException>(() => Parse(("kube-apiserver.yaml", text)).RequireEtcd()).ErrorId);
    }

    [Fact]
    public void A_node_without_manifests_is_an_error_that_names_the_directory()
    {
        Assert.Equal(
            "EtcdManifestNotFound",
            Assert.Throws<EtcdDrException>(() => Parse(("kube-apiserver.yaml", ManifestTexts.ApiServer)).RequireEtcd()).ErrorId
        );
        Assert.Equal("ApiServerManifestNotFound", Assert.Throws<EtcdDrException>(() => Parse().RequireApiServer()).ErrorId);
    }

    [Fact]
    public void A_broken_etcd_manifest_is_an_error_and_a_broken_neighbour_is_not()
    {
        Assert.Equal("ManifestInvalid", Assert.Throws<EtcdDrException>(() => Parse(("etcd.yaml", "a: ["))).ErrorId);
        Assert.Equal(["x.yaml"], Parse(("etcd.yaml", ManifestTexts.Etcd), ("x.yaml", "a: [")).Unreadable.Select(u => u.FileName));
    }

    private static NodeManifests Parse(params (string Name, string Text)[] files) =>
        NodeManifests.Parse("m1", "/etc/kubernetes/manifests/", files.ToDictionary(f => f.Name, f => f.Text));
}
