using EtcdDr.Engine.Ssh.Config;

namespace EtcdDr.Tests.Ssh;

public sealed class SystemPlacesTests
{
    [Fact]
    public void On_Linux_and_macOS_they_are_below_etc_and_the_agent_is_the_variables()
    {
        var places = SystemPlaces.Of(windows: false, name => name == "SSH_AUTH_SOCK" ? "/run/agent" : null);

        Assert.Equal("/etc/ssh/ssh_config", places.ConfigFile);
        Assert.Equal(["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"], places.KnownHosts);
        Assert.Equal("/run/agent", places.Agent);
        Assert.Null(SystemPlaces.Of(windows: false, _ => null).Agent);
    }

    [Theory]
    [InlineData(@"D:\Data", @"D:\Data\ssh\ssh_config")]
    [InlineData(null, @"C:\ProgramData\ssh\ssh_config")]
    public void On_Windows_they_are_below_ProgramData_and_the_agent_is_a_pipe(string? data, string config)
    {
        var places = SystemPlaces.Of(windows: true, name => name == "ProgramData" ? data : null);

        Assert.Equal(config, places.ConfigFile);
        Assert.Equal(config.Replace("ssh_config", "ssh_known_hosts", StringComparison.Ordinal), places.KnownHosts[0]);
        Assert.Equal(@"\\.\pipe\openssh-ssh-agent", places.Agent);
    }
}
