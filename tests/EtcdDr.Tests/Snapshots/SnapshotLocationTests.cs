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
