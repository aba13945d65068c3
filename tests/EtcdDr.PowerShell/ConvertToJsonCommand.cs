using System.Management.Automation;

namespace EtcdDr.PowerShell;

/// <summary><c>ConvertTo-Json</c>, which comes with pwsh only.</summary>
[Cmdlet(VerbsData.ConvertTo, "Json")]
public sealed class ConvertToJsonCommand : PSCmdlet
{
    private readonly List<object?> _input = [];

    /// <summary>What is converted.</summary>
    [Parameter(ValueFromPipeline = true, Position = 0)]
    public PSObject? InputObject { get; set; }

    /// <summary>How deep.</summary>
    [Parameter]
    public int Depth { get; set; } = 2;

    /// <summary>On one line.</summary>
    [Parameter]
    public SwitchParameter Compress { get; set; }

    /// <summary>Enumerations by name.</summary>
    [Parameter]
    public SwitchParameter EnumsAsStrings { get; set; }

    protected override void ProcessRecord() => _input.Add(InputObject);

    protected override void EndProcessing()
    {
        var json = new PowerShellJson(Depth, EnumsAsStrings);
        var text = json.Write(_input.Count == 1 ? _input[0] : _input, Compress);
        if (json.Truncated)
            WriteWarning($"Resulting JSON is truncated as serialization has exceeded the set depth of {Depth}.");
        WriteObject(text);
    }
}
