using System.Security;

namespace EtcdDr;

/// <summary>How a place in object storage is reached, as the profile says.</summary>
public sealed record PlaceSettings
{
    /// <summary>The server's address; null for the provider's own.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The region; null for what the environment says.</summary>
    public string? Region { get; init; }

    /// <summary>Whether the bucket's name stands in the path of addresses and not in the host name; null to decide by the
    /// endpoint.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>Absolute path of certificates (PEM) that the server's may be issued by, in place of those that the system trusts; null for
    /// the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The storage account of Azure; null where the address says it.</summary>
    public string? Account { get; init; }

    /// <summary>The secret that a vault gave; null for the provider's own chain of credentials.</summary>
    internal SecureString? Secret { get; init; }

    /// <summary>Where the secret came from, for messages.</summary>
    public string? SecretName { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
