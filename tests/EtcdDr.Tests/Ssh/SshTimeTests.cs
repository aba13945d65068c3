using EtcdDr.Engine.Ssh.Config;

namespace EtcdDr.Tests.Ssh;

public sealed class SshTimeTests
{
    [Theory]
    [InlineData("7", 7)]
    [InlineData("10s", 10)]
    [InlineData("1m", 60)]
    [InlineData("1M30S", 90)]
    [InlineData("2h1", 7201)]
    [InlineData("1d", 86400)]
    [InlineData("1w", 604800)]
    [InlineData("0", 0)]
    [InlineData("", null)]
    [InlineData("s", null)]
    [InlineData("-1", null)]
    [InlineData("1x", null)]
    [InlineData("99999999999", null)]
    [InlineData("9999w", null)]
    public void Times_are_read_as_OpenSSH_writes_them(string text, int? seconds) => Assert.Equal(seconds, SshTime.Parse(text));
}
