using EtcdDr.Engine.Objects.Cleaning;
using EtcdDr.Engine.Objects.Mapping;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>How objects go into a cluster.</summary>
public sealed record ObjectRestoreOptions
{
    /// <summary>The field manager that owns what this module applies.</summary>
    public const string FieldManager = "etcddr";

    /// <summary>What of ties to the former cluster is kept.</summary>
    public CleaningOptions Cleaning { get; init; } = new();

    /// <summary>What is called otherwise.</summary>
    public ObjectMapping Mapping { get; init; } = ObjectMapping.None;

    /// <summary>Whether fields that others own are taken over.</summary>
    public bool Force { get; init; }

    /// <summary>Whether an object is deleted and made anew where a field differs that cannot be changed.</summary>
    public bool Replace { get; init; }

    /// <summary>How long an object is tried again that is refused for what may pass.</summary>
    public TimeSpan RetryLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The directory that keeps what was replaced.</summary>
    public string RecordDirectory { get; init; } = string.Empty;
}
