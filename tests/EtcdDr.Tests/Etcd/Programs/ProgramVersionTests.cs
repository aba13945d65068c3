using EtcdDr.Engine.Etcd.Programs;

namespace EtcdDr.Tests.Etcd.Programs;

/// <summary>What a program is, told by what lies in it and beside it.</summary>
public sealed class ProgramVersionTests
{
    [Theory]
    [InlineData("mod\tgo.etcd.io/etcd/etcdutl/v3\tv3.6.8", "3.6.8")]
    [InlineData("mod\tgo.etcd.io/etcd/v3\tv3.5.16+incompatible", "3.5.16")]
    [InlineData("dep\tgo.etcd.io/etcd/client/v3\tv3.5.9\ndep\tgo.etcd.io/etcd/api/v3\tv3.5.16", "3.5.16")]
    [InlineData("mod\tgo.etcd.io/etcd/etcdutl/v3\tv0.0.0-20260101000000-0123456789ab\ndep\tgo.etcd.io/etcd/api/v3\tv3.6.1", "3.6.1")]
    [InlineData("package\t3.4.23+dfsg-4+b2", "3.4.23")]
    [InlineData("package\t1:3.5.16-4", "3.5.16")]
    [InlineData("asked\t3.4.23", "3.4.23")]
    [InlineData("mod\tgo.etcd.io/etcd/etcdutl/v3\tv3.6.8\npackage\t3.5.1", "3.6.8")]
    [InlineData("dep\tgo.etcd.io/bbolt\tv1.4.3", null)]
    [InlineData("dep\tgo.etcd.io/etcd/api/v3", null)]
    [InlineData("package\tunknown", null)]
    [InlineData("", null)]
    public void The_version_is_what_the_files_own_signs_say(string signs, string? version) =>
        Assert.Equal(version, ProgramVersion.Read(signs));

    [Theory]
    [InlineData("", "registry.k8s.io/etcd:3.6.8-0", "3.6.8")]
    [InlineData("dep\tgo.etcd.io/etcd/api/v3\tv3.5.16", "registry.example/mine:stable", "3.5.16")]
    [InlineData("dep\tgo.etcd.io/etcd/api/v3\tv3.5.16", "registry.example/etcd:3.6.8-0", "3.5.16")]
    [InlineData("", "registry.example/etcd@sha256:abc", null)]
    public void An_images_tag_counts_where_its_program_says_nothing(string signs, string image, string? version) =>
        Assert.Equal(version, ProgramVersion.OfImage(signs, image));

    [Theory]
    [InlineData("etcdutl", "3.6.8", true, true)]
    [InlineData("etcdutl", "3.5.10", true, true)]
    [InlineData("etcdutl", "3.5.9", true, false)]
    [InlineData("etcdctl", "3.5.16", true, true)]
    [InlineData("etcdctl", "3.4.27", true, true)]
    [InlineData("etcdctl", "3.4.23", true, false)]
    [InlineData("etcdctl", "3.6.8", false, true)]
    [InlineData("etcd", "3.6.8", false, true)]
    [InlineData("etcdutl", null, false, false)]
    public void Who_restores_and_who_raises_revisions_follows_from_name_and_version(string name, string? version, bool restores, bool bumps)
    {
        var program = new EtcdProgram(name, new ProgramSource("file:/x"), version);

        Assert.Equal((restores, bumps), (program.Restores, program.BumpsRevision));
    }

    [Fact]
    public void The_first_program_that_restores_the_targets_minor_version_is_chosen()
    {
        EtcdProgram[] programs =
        [
            new("etcdctl", new ProgramSource("file:/usr/bin/etcdctl"), "3.4.23"),
            new("etcdutl", new ProgramSource("container:abc/7"), "3.6.5"),
            new("etcdutl", new ProgramSource("file:/opt/etcdutl"), "3.6.4"),
        ];

        Assert.Equal("etcdutl of the etcd container", EtcdProgram.Restoring(programs, "3.6")!.Place);
        Assert.Equal("/usr/bin/etcdctl", EtcdProgram.Restoring(programs, null)!.Place);
        Assert.Null(EtcdProgram.Restoring(programs, "3.5"));
    }
}
