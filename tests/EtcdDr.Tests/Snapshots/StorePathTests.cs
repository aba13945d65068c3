using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Tests.Snapshots;

public sealed class StorePathTests
{
    [Theory]
    [InlineData("", true, true)]
    [InlineData("keys/sa.key", true, true)]
    [InlineData("nodes/m1.example.com/etc-kubernetes.tar.gz", true, true)]
    [InlineData("..", false, false)]
    [InlineData("a/../b", false, false)]
    [InlineData("/a", false, false)]
    [InlineData("a//b", false, false)]
    [InlineData("a/", false, false)]
    [InlineData("a\\b", false, false)]
    [InlineData("a\0b", false, false)]
    [InlineData("a\nb", false, false)]
    [InlineData("a\u001b[2Jb", false, false)]
    [InlineData("a\u009bb", false, false)]
    [InlineData("c:x", true, false)]
    [InlineData("a:stream", true, false)]
    [InlineData("nodes/aux/kubelet.tar.gz", true, false)]
    [InlineData("NUL", true, false)]
    [InlineData("com1.tar.gz", true, false)]
    [InlineData("lpt\u00b2", true, false)]
    [InlineData("com10", true, true)]
    [InlineData("console", true, true)]
    [InlineData("a.", true, false)]
    [InlineData("a /b", true, false)]
    public void A_path_is_safe_where_it_can_only_name_something_inside(string path, bool unix, bool windows)
    {
        Assert.Equal(unix, StorePath.IsSafe(path, windows: false));
        Assert.Equal(windows, StorePath.IsSafe(path, windows: true));
    }

    [Theory]
    [InlineData("enc.yaml", "enc.yaml")]
    [InlineData("my enc:2.yaml", "my enc_2.yaml")]
    [InlineData("a\\b\u0007", "a_b_")]
    [InlineData("..", "_")]
    [InlineData("nul", "_nul")]
    public void A_name_of_a_node_becomes_one_that_is_safe_everywhere(string name, string safe)
    {
        Assert.Equal(safe, StorePath.SafeName(name));
        Assert.True(StorePath.IsSafe(StorePath.SafeName(name), windows: true));
    }
}
