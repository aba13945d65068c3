using System.Management.Automation;
using YamlDotNet.Serialization;

namespace OtherModule;

/// <summary>Reads a YAML map and says with which YamlDotNet.</summary>
[Cmdlet(VerbsData.ConvertFrom, "OtherYaml")]
public sealed class ConvertFromOtherYamlCommand : PSCmdlet
{
    /// <summary>The text.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Text { get; set; } = "";

    protected override void ProcessRecord()
    {
        var map = new DeserializerBuilder().Build().Deserialize<Dictionary<string, string>>(Text);
        WriteObject($"{map["name"]} {typeof(IDeserializer).Assembly.GetName().Version}");
    }
}
