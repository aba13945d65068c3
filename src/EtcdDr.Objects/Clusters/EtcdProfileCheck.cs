namespace EtcdDr;

/// <summary>The outcome of one check of a profile.</summary>
public sealed record EtcdProfileCheck
{
    /// <summary>The profile.</summary>
    public required string Profile { get; init; }

    /// <summary>The cluster or host that it is about; null for the profile as a whole.</summary>
    public string? Subject { get; init; }

    /// <summary>Name of the check: Profile, Trust, File, Kubeconfig, Key, JumpHost, Secret, Certificate; with a connection Api, Nodes, Hop,
    /// Login, Root.</summary>
    public required string Check { get; init; }

    /// <summary>What was looked at: a file, a variable, a host.</summary>
    public string? Target { get; init; }

    /// <summary>Whether it is as it should be.</summary>
    public required bool Success { get; init; }

    /// <summary>Identifier of the error that a command would end with; null where there is none.</summary>
    public string? ErrorId { get; init; }

    /// <summary>What was found, as a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What to do about it; null where nothing is to be done.</summary>
    public string? Remedy { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
