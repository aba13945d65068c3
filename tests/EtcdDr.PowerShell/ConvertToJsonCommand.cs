using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EtcdDr.PowerShell;

/// <summary>A plain <c>ConvertTo-Json</c>: public properties, enumerations by name.</summary>
[Cmdlet(VerbsData.ConvertTo, "Json")]
public sealed class ConvertToJsonCommand : PSCmdlet
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };
    private static readonly JsonSerializerOptions OneLine = new() { Converters = { new JsonStringEnumConverter() } };
    private readonly List<object?> _input = [];

    /// <summary>What is converted.</summary>
    [Parameter(ValueFromPipeline = true, Position = 0)]
    public PSObject? InputObject { get; set; }

    /// <summary>How deep; whole objects are always converted, so this is for compatibility.</summary>
    [Parameter]
    public int Depth { get; set; }

    /// <summary>On one line.</summary>
    [Parameter]
    public SwitchParameter Compress { get; set; }

    protected override void ProcessRecord() => _input.Add(InputObject?.BaseObject);

    protected override void EndProcessing()
    {
        var options = Compress ? OneLine : Indented;
        WriteObject(_input.Count == 1 ? JsonSerializer.Serialize(_input[0], options) : JsonSerializer.Serialize(_input, options));
    }
}
