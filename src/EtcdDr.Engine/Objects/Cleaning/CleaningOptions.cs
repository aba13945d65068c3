namespace EtcdDr.Engine.Objects.Cleaning;

/// <summary>What of an object's ties to the cluster that it comes from is kept.</summary>
public sealed record CleaningOptions
{
    /// <summary>Whether services keep their node ports.</summary>
    public bool KeepNodePort { get; init; }

    /// <summary>Whether claims and volumes stay bound to one another: for storage that is replicated, so that the same volume is at hand at
    /// the other site.</summary>
    public bool KeepVolumeBinding { get; init; }
}
