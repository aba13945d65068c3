using EtcdDr.Engine.Trust;

namespace EtcdDr.Tests.Trust;

/// <summary>The decision about access control lists; reading them needs Windows.</summary>
public sealed class WindowsFileTrustTests
{
    private const string Me = "S-1-5-21-1-2-3-1001";
    private const string Somebody = "S-1-5-21-1-2-3-1002";
    private const string System = "S-1-5-18";
    private const string Administrators = "S-1-5-32-544";
    private const string AuthenticatedUsers = "S-1-5-11";
    private const string Users = "S-1-5-32-545";
    private const int FullControl = 0x1F01FF;
    private const int Modify = 0x301BF;
    private const int ReadAndExecute = 0x200A9;

    [Fact]
    public void A_file_in_ones_home_counts_although_everybody_may_add_directories_to_the_drives_root() =>
        Assert.Null(Judge(File(), Home()));

    [Theory]
    [InlineData(Modify)]
    [InlineData(0x116)]
    [InlineData(0x4)]
    [InlineData(0x10000)]
    [InlineData(0x80000)]
    [InlineData(0x10000000)]
    public void A_file_that_somebody_else_may_change_does_not(int rights)
    {
        var doubt = Judge(File(new AccessEntry(Somebody, (WindowsRights)rights)), Home());

        Assert.Contains($"{Somebody} may change 'C:\\Users\\me\\etcddr.yaml'", doubt!.Message, StringComparison.Ordinal);
        Assert.Contains("icacls", doubt.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ReadAndExecute, false)]
    [InlineData(Modify, true)]
    public void Who_may_only_read_or_change_what_is_made_later_does_no_harm(int rights, bool inheritOnly) =>
        Assert.Null(Judge(File(), Home(new AccessEntry(Somebody, (WindowsRights)rights, inheritOnly))));

    [Fact]
    public void A_directory_that_others_may_make_files_in_is_no_place_for_it() =>
        Assert.NotNull(Judge(File(), Home(new AccessEntry(AuthenticatedUsers, WindowsRights.WriteData))));

    [Fact]
    public void Somebody_elses_file_or_directory_does_not_count()
    {
        Assert.NotNull(Judge(File() with { Owner = Somebody }, Home()));
        Assert.NotNull(Judge(File(), Home() with { Owner = Somebody }));
        Assert.Null(Judge(File() with { Owner = Administrators }, Home() with { Owner = System }));
    }

    [Fact]
    public void Nor_does_one_below_a_directory_whose_entries_others_may_remove() =>
        Assert.NotNull(Judge(File(), Home(), new AccessEntry(Users, WindowsRights.DeleteChild)));

    private static FileDoubt? Judge(WindowsPathFacts file, WindowsPathFacts home, params AccessEntry[] users) =>
        WindowsFileTrust.Judge(
            file.Path,
            [
                file,
                home,
                new WindowsPathFacts(
                    "C:\\Users",
                    true,
                    System,
                    [Full(System), new AccessEntry(Users, (WindowsRights)ReadAndExecute), .. users]
                ),
                new WindowsPathFacts(
                    "C:\\",
                    true,
                    System,
                    [
                        Full(Administrators),
                        new AccessEntry(AuthenticatedUsers, WindowsRights.AppendData),
                        new AccessEntry(AuthenticatedUsers, (WindowsRights)Modify, InheritOnly: true),
                    ]
                ),
            ],
            Me
        );

    private static WindowsPathFacts File(params AccessEntry[] entries) =>
        new("C:\\Users\\me\\etcddr.yaml", false, Me, [Full(Me), Full(System), Full(Administrators), .. entries]);

    private static WindowsPathFacts Home(params AccessEntry[] entries) =>
        new("C:\\Users\\me", true, Me, [Full(Me), Full(System), Full(Administrators), .. entries]);

    private static AccessEntry Full(string sid) => new(sid, (WindowsRights)FullControl);
}
