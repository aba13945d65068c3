using System.Management.Automation;

namespace EtcdDr.Commands;

/// <summary>Base of cmdlets that work on several nodes at once.</summary>
public abstract class EtcdDrNodeCmdlet : EtcdDrCmdlet
{
    /// <summary>How many nodes are worked on at once; 16 where nothing is said.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    /// <inheritdoc/>
    protected override int Parallelism => ThrottleLimit;
}
