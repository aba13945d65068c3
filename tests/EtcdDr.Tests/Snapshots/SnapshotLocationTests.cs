using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Tests.Snapshots;

public sealed class SnapshotLocationTests
{
    [Theory]
    [InlineData("/backups/", null, null, null, "/backups")]
    [InlineData("/odd:name", null, null, null, "/odd:name")]
    [InlineData("dr:/restore", null, "dr", null, "/restore")]
    [InlineData("opc@dr-bastion:/restore/x/", "opc", "dr-bastion", null, "/restore/x")]
    [InlineData("opc@[2001:db8::1]:/r", "opc", "2001:db8::1", null, "/r")]
    [InlineData("sftp://opc@dr:2222/r%20s", "opc", "dr", 2222, "/r s")]
    [InlineData("sftp://dr/", null, "dr", null, "/")]
    public void A_location_is_read_as_scp_reads_it(string text, string? user, string? host, int? port, string path)
    {
        var location = SnapshotLocation.Parse(text);

        Assert.Equal((user, host, port, path), (location.User, location.Host, location.Port, location.Path));
        Assert.Equal(host is not null, SnapshotLocation.IsRemote(text));
    }

    [Theory]
    [InlineData(@"C:\backups", false, true)]
    [InlineData("C:/backups", false, true)]
    [InlineData(@"\\server\share\x", false, false)]
    [InlineData(@"\\server\share\x:y", false, true)]
    [InlineData(@"backups\x:y", false, true)]
    [InlineData("dr:/restore", true, true)]
    [InlineData("opc@dr:/restore", true, true)]
    public void Where_drives_exist_they_go_before_hosts_of_one_letter(string text, bool remoteOnWindows, bool remoteElsewhere)
    {
        Assert.Equal(remoteOnWindows, SnapshotLocation.IsRemote(text, windows: true));
        Assert.Equal(remoteElsewhere, SnapshotLocation.IsRemote(text, windows: false));
    }

    [Theory]
    [InlineData(@"C:\backups\x", @"C:\backups")]
    [InlineData(@"C:\backups", @"C:\")]
    [InlineData(@"C:\", @"C:\")]
    [InlineData(@"\\server\share\x", @"\\server\share")]
    [InlineData(@"\\server\share\x\y", @"\\server\share\x")]
    [InlineData(@"\\server\share", @"\\server\share")]
    public void On_Windows_a_drive_and_a_share_are_roots(string path, string parent) =>
        Assert.Equal(parent, SnapshotLocation.ParentOf(path, windows: true));

    [Theory]
    [InlineData("/a/b", "/a")]
    [InlineData("/a", "/")]
    public void Elsewhere_there_is_one_root(string path, string parent) =>
        Assert.Equal(parent, SnapshotLocation.ParentOf(path, windows: false));

    [Theory]
    [InlineData(@"\\.\pipe\x", true)]
    [InlineData(@"\\?\C:\x", true)]
    [InlineData("//./PhysicalDrive0", true)]
    [InlineData(@"\\server\share", false)]
    [InlineData(@"C:\x", false)]
    public void A_device_is_no_place(string path, bool device) => Assert.Equal(device, SnapshotLocation.IsDevice(path));

    [Theory]
    [InlineData("relative/dir")]
    [InlineData("dr:relative")]
    [InlineData("dr:/a/../b")]
    [InlineData("@dr:/a")]
    [InlineData("opc@:/a")]
    [InlineData("-oProxyCommand=x:/a")]
    [InlineData("sftp://opc:hunter2@dr/a")]
    [InlineData("sftp:///a")]
    public void What_is_no_place_is_refused_without_showing_a_password(string text)
    {
        var error = Assert.Throws<EtcdDrException>(() => SnapshotLocation.Parse(text));

        Assert.Equal("InvalidLocation", error.ErrorId);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }
}
