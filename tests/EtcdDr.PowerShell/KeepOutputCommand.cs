using System.Management.Automation;

namespace EtcdDr.PowerShell;

/// <summary>Keeps what passes, on its way to the screen.</summary>
[Cmdlet("Keep", "Output")]
public sealed class KeepOutputCommand : PSCmdlet
{
    /// <summary>What passes.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Where it is kept.</summary>
    [Parameter(Mandatory = true)]
    [AllowEmptyCollection]
    public IList<PSObject> In { get; set; } = null!;

    protected override void ProcessRecord()
    {
        if (InputObject is null)
            return;

        In.Add(InputObject);
        WriteObject(InputObject);
    }
}
