namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>A bastion or destination that the profile names below <c>hosts</c>.</summary>
/// <param name="Name">The name that is used on the command line.</param>
/// <param name="Address">What to connect to.</param>
/// <param name="Ssh">How.</param>
public sealed record ProfileHost(string Name, string Address, ProfileSsh Ssh);
