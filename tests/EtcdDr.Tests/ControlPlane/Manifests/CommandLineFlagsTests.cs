using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Tests.ControlPlane.Manifests;

public sealed class CommandLineFlagsTests
{
    [Fact]
    public void Both_spellings_of_a_value_are_read_with_one_dash_or_two()
    {
        var flags = CommandLineFlags.Parse(["etcd", "--name=m1", "--data-dir", "/d", "-wal-dir=/w", "--client-cert-auth", "--v", "2"]);

        Assert.Equal("m1", flags.Last("name"));
        Assert.Equal("/d", flags.Last("data-dir"));
        Assert.Equal("/w", flags.Last("wal-dir"));
        Assert.Equal("true", flags.Last("client-cert-auth"));
        Assert.Equal("2", flags.Last("v"));
    }

    [Fact]
    public void A_value_keeps_its_equals_signs() =>
        Assert.Equal(
            "m1=https://a:1,m2=https://b:2",
            CommandLineFlags.Parse(["--initial-cluster=m1=https://a:1,m2=https://b:2"]).Last("initial-cluster")
        );

    [Fact]
    public void A_repeated_flag_keeps_all_values_and_the_last_one_counts()
    {
        var flags = CommandLineFlags.Parse(["--k=a", "--k=b,c"]);

        Assert.Equal("b,c", flags.Last("k"));
        Assert.Equal(["a", "b,c"], flags.All("k"));
        Assert.Equal(["a", "b", "c"], flags.List("k"));
    }

    [Fact]
    public void Underscores_stand_for_dashes_and_a_double_dash_ends_the_flags()
    {
        var flags = CommandLineFlags.Parse(["--etcd_servers=x", "--", "--name=y"]);

        Assert.Equal("x", flags.Last("etcd-servers"));
        Assert.Null(flags.Last("name"));
    }
}
