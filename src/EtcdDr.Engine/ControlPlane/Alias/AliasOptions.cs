namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>How a name is added to the front end.</summary>
/// <param name="Alias">The name.</param>
public sealed record AliasOptions(string Alias)
{
    /// <summary>Whether kubeconfigs and config maps are switched to it.</summary>
    public bool Switch { get; init; }

    /// <summary>Whether apiservers are restarted even where they load the certificate by themselves.</summary>
    public bool Restart { get; init; }

    /// <summary>Limit for each wait.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(3);
}
