namespace EtcdDr.Engine.Kube;

/// <summary>What <c>/version</c> says.</summary>
/// <param name="GitVersion">For example v1.36.1.</param>
/// <param name="Major">Major version.</param>
/// <param name="Minor">Minor version, digits only.</param>
/// <param name="Platform">For example linux/amd64.</param>
public sealed record KubeVersion(string GitVersion, int Major, int Minor, string Platform);
