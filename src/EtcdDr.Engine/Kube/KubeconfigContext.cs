using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Kube;

/// <summary>A context of a kubeconfig with the cluster that it names. Credentials are read when a connection is made, not before.</summary>
public sealed record KubeconfigContext
{
    /// <summary>The kubeconfig's path.</summary>
    public required string Path { get; init; }

    /// <summary>The context's name.</summary>
    public required string Name { get; init; }

    /// <summary>Name of its cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>Name of its user; null where it names none.</summary>
    public string? User { get; init; }

    /// <summary>The API's URL.</summary>
    public required Uri Server { get; init; }

    /// <summary>Certificates that the server's must chain to, PEM; null where the system's roots count.</summary>
    public string? CertificateAuthorityPem { get; init; }

    /// <summary>Name to check the server's certificate against in place of the one in <see cref="Server"/>; null for that one.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Whether the server's certificate is not checked at all.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>Proxy to reach the server through; null for what the environment says.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The cluster's entry.</summary>
    internal YamlElement? ClusterEntry { get; init; }

    /// <summary>The user's entry; null where the context names no user.</summary>
    internal YamlElement? UserEntry { get; init; }
}
