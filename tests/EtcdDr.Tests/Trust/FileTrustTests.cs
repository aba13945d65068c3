using EtcdDr.Engine.Trust;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Trust;

public sealed class FileTrustTests
{
    private const uint Me = 1000;
    private const uint Somebody = 1001;

    [Theory]
    [InlineData(Me, 0x1A4)]
    [InlineData(Me, 0x180)]
    [InlineData(0u, 0x1A4)]
    [InlineData(Me, 0x16D)]
    public void A_file_of_this_user_or_root_that_nobody_else_may_write_counts(uint owner, int mode) =>
        Assert.Null(FileTrust.Judge("/home/me/x.yaml", [.. Home, File("/home/me/x.yaml", owner, mode)], Me));

    [Theory]
    [InlineData(Somebody, 0x1A4, "'/home/me/x.yaml' belongs to the user with the id 1001", "chown 1000 '/home/me/x.yaml'")]
    [InlineData(Me, 0x1B4, "others than its owner may write to '/home/me/x.yaml'", "chmod go-w '/home/me/x.yaml'")]
    [InlineData(0u, 0x1A6, "others than its owner may write to '/home/me/x.yaml'", "chmod go-w '/home/me/x.yaml'")]
    public void A_file_that_somebody_else_owns_or_may_write_does_not(uint owner, int mode, string reason, string remedy)
    {
        var doubt = FileTrust.Judge("/home/me/x.yaml", [.. Home, File("/home/me/x.yaml", owner, mode)], Me);

        Assert.NotNull(doubt);
        Assert.Contains(reason, doubt.Message, StringComparison.Ordinal);
        Assert.EndsWith(remedy, doubt.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Somebody, 0x1ED, "belongs to the user with the id 1001")]
    [InlineData(Me, 0x1FD, "others than its owner may write to '/srv/share'")]
    [InlineData(0u, 0x1FF, "others than its owner may write to '/srv/share'")]
    public void Nor_does_one_below_a_directory_that_somebody_else_could_swap(uint owner, int mode, string reason)
    {
        PathFacts[] way =
        [
            Directory("/"),
            Directory("/srv"),
            Directory("/srv/share", owner, mode),
            Directory("/srv/share/mine", Me),
            File("/srv/share/mine/x.yaml", Me, 0x1A4),
        ];

        Assert.Contains(reason, FileTrust.Judge("/srv/share/mine/x.yaml", way, Me)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_directly_in_a_sticky_directory_does_not_count_one_in_a_directory_of_ones_own_below_it_does()
    {
        PathFacts[] tmp = [Directory("/"), Directory("/tmp", 0, 0x3FF)];

        var direct = FileTrust.Judge("/tmp/etcddr.yaml", [.. tmp, File("/tmp/etcddr.yaml", Me, 0x1A4)], Me);
        var below = FileTrust.Judge(
            "/tmp/mine/etcddr.yaml",
            [.. tmp, Directory("/tmp/mine", Me, 0x1C0), File("/tmp/mine/etcddr.yaml", Me, 0x1A4)],
            Me
        );
        var strangers = FileTrust.Judge(
            "/tmp/x/etcddr.yaml",
            [.. tmp, Directory("/tmp/x", Somebody), File("/tmp/x/etcddr.yaml", Me, 0x1A4)],
            Me
        );

        Assert.Contains("everybody may put files into '/tmp'", direct!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("chmod", direct.Remedy, StringComparison.Ordinal);
        Assert.Null(below);
        Assert.Contains("'/tmp/x' belongs to", strangers!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_in_a_sticky_directory_does_not_count_although_what_it_leads_to_would()
    {
        PathFacts[] way =
        [
            Directory("/"),
            Directory("/tmp", 0, 0x3FF),
            new("/tmp/etcddr.yaml", PathKind.Link, Me, (UnixFileMode)0x1FF),
            .. Home.Skip(1),
            File("/home/me/x.yaml", Me, 0x1A4),
        ];

        Assert.NotNull(FileTrust.Judge("/tmp/etcddr.yaml", way, Me));
    }

    [Fact]
    public void What_is_mounted_read_only_nobody_here_can_write_whatever_its_mode()
    {
        PathFacts[] way =
        [
            Directory("/"),
            Directory("/secret", 0, 0x3FF) with
            {
                ReadOnly = true,
            },
            new("/secret/kubeconfig", PathKind.Link, 0, (UnixFileMode)0x1FF),
            Directory("/secret/..data"),
            File("/secret/..data/kubeconfig", 0, 0x1A4),
        ];

        Assert.Null(FileTrust.Judge("/secret/kubeconfig", way, Me));
    }

    [Fact]
    public void The_way_to_a_file_leads_over_every_directory_and_link()
    {
        using var directory = new TempDirectory();
        System.IO.Directory.CreateDirectory(directory.At("real"));
        System.IO.File.WriteAllText(directory.At("real", "x.yaml"), "");
        System.IO.Directory.CreateDirectory(directory.At("links"));
        System.IO.File.CreateSymbolicLink(directory.At("links", "x.yaml"), "../real/y.yaml");
        System.IO.File.CreateSymbolicLink(directory.At("real", "y.yaml"), directory.At("real", "x.yaml"));

        var way = PathFactsReader.Read(directory.At("links", "x.yaml"))!;

        Assert.Equal(
            [
                directory.At("links"),
                directory.At("links", "x.yaml"),
                directory.At("real"),
                directory.At("real", "y.yaml"),
                directory.At("real"),
                directory.At("real", "x.yaml"),
            ],
            way.Select(p => p.Path).Where(p => p.StartsWith(directory.Path + "/", StringComparison.Ordinal))
        );
        Assert.Equal(PathKind.File, way[^1].Kind);
        Assert.Equal(PathFactsReader.CurrentUser, way[^1].Owner);
        Assert.Equal(System.IO.File.GetUnixFileMode(directory.At("real", "x.yaml")), way[^1].Mode);
        Assert.Contains(way, p => p is { Path: "/", Kind: PathKind.Directory, Owner: 0 });
    }

    [Fact]
    public void A_file_is_doubted_as_soon_as_others_may_write_it_and_again_counts_when_they_may_not()
    {
        using var directory = new TempDirectory();
        var file = directory.At("x.yaml");
        System.IO.File.WriteAllText(file, "");
        System.IO.File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);

        var error = Assert.Throws<EtcdDrException>(() => FileTrust.Require(file));
        System.IO.File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Assert.Equal("FileNotTrusted", error.ErrorId);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Null(FileTrust.Doubt(file));
    }

    [Fact]
    public void A_file_that_is_not_there_and_a_circle_of_links_are_others_business()
    {
        using var directory = new TempDirectory();
        System.IO.File.CreateSymbolicLink(directory.At("a"), directory.At("b"));
        System.IO.File.CreateSymbolicLink(directory.At("b"), directory.At("a"));

        Assert.Null(FileTrust.Doubt(directory.At("nowhere", "x.yaml")));
        Assert.Null(FileTrust.Doubt(directory.At("a")));
    }

    private static PathFacts[] Home => [Directory("/"), Directory("/home"), Directory("/home/me", Me)];

    private static PathFacts Directory(string path, uint owner = 0, int mode = 0x1ED) =>
        new(path, PathKind.Directory, owner, (UnixFileMode)mode);

    private static PathFacts File(string path, uint owner, int mode) => new(path, PathKind.File, owner, (UnixFileMode)mode);
}
