using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>What is run on a node to see that a profile leads there.</summary>
internal static class ProfileCommands
{
    /// <summary>Prints the user id: 0 says that sudo does what it should.</summary>
    public static readonly RemoteCommand WhoAmI = new("profile.who-am-i", "id -u") { Timeout = TimeSpan.FromSeconds(15) };
}
