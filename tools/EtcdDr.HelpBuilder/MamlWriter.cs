using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;

namespace EtcdDr.HelpBuilder;

/// <summary>Writes MAML, which <c>Get-Help</c> reads, from a page and what the cmdlet says of itself.</summary>
public static class MamlWriter
{
    private static readonly XNamespace Root = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private static readonly HashSet<string> Common = [.. Cmdlet.CommonParameters, .. Cmdlet.OptionalCommonParameters];

    /// <summary>The whole help file.</summary>
    public static XDocument Write(IEnumerable<(CmdletInfo Cmdlet, HelpPage Page)> pages, string? projectUri)
    {
        ArgumentNullException.ThrowIfNull(pages);
        var root = new XElement(
            Root + "helpItems",
            new XAttribute("schema", "maml"),
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev)
        );
        foreach (var (cmdlet, page) in pages)
            root.Add(CommandElement(cmdlet, page, projectUri));

        return new XDocument(new XDeclaration("1.0", "utf-8", null), root);
    }

    private static XElement CommandElement(CmdletInfo cmdlet, HelpPage page, string? projectUri) =>
        new(
            Command + "command",
            new XElement(
                Command + "details",
                new XElement(Command + "name", cmdlet.Name),
                new XElement(Command + "verb", cmdlet.Verb),
                new XElement(Command + "noun", cmdlet.Noun),
                Description(page.Synopsis)
            ),
            Description(page.Section("Description").Blocks),
            new XElement(Command + "syntax", cmdlet.ParameterSets.Select(set => SyntaxItem(cmdlet, set, page))),
            new XElement(Command + "parameters", Parameters(cmdlet).Select(p => Parameter(p, page))),
            new XElement(Command + "inputTypes", page.Section("Inputs").Items.Select(i => TypeElement("inputType", i))),
            new XElement(Command + "returnValues", page.Section("Outputs").Items.Select(i => TypeElement("returnValue", i))),
            new XElement(Maml + "alertSet", new XElement(Maml + "alert", Paragraphs(page.Section("Notes").Blocks))),
            new XElement(Command + "examples", page.Section("Examples").Items.Select((e, i) => Example(e, i + 1))),
            new XElement(Maml + "relatedLinks", Links(cmdlet, page, projectUri))
        );

    // Parameters of any set, once each, in the order of the sets.
    private static IEnumerable<CommandParameterInfo> Parameters(CmdletInfo cmdlet) =>
        cmdlet
            .ParameterSets.OrderByDescending(s => s.IsDefault)
            .SelectMany(s => s.Parameters)
            .Where(p => !Common.Contains(p.Name))
            .DistinctBy(p => p.Name);

    private static XElement SyntaxItem(CmdletInfo cmdlet, CommandParameterSetInfo set, HelpPage page) =>
        new(
            Command + "syntaxItem",
            new XElement(Maml + "name", cmdlet.Name),
            set.Parameters.Where(p => !Common.Contains(p.Name) || p.Name is "WhatIf" or "Confirm")
                .OrderBy(p => p.Position < 0 ? int.MaxValue : p.Position)
                .ThenByDescending(p => p.IsMandatory)
                .Select(p => Parameter(p, page))
        );

    private static XElement Parameter(CommandParameterInfo parameter, HelpPage page)
    {
        var text = page.Section("Parameters").Items.FirstOrDefault(i => i.Title == "-" + parameter.Name);
        var isSwitch = parameter.ParameterType == typeof(SwitchParameter);
        var pipeline = (parameter.ValueFromPipeline, parameter.ValueFromPipelineByPropertyName) switch
        {
            (true, true) => "True (ByValue, ByPropertyName)",
            (true, false) => "True (ByValue)",
            (false, true) => "True (ByPropertyName)",
            _ => "False",
        };
        return new XElement(
            Command + "parameter",
            new XAttribute("required", parameter.IsMandatory ? "true" : "false"),
            new XAttribute("variableLength", parameter.ParameterType.IsArray ? "true" : "false"),
            new XAttribute("globbing", "false"),
            new XAttribute("pipelineInput", pipeline),
            new XAttribute(
                "position",
                parameter.Position < 0 ? "named" : parameter.Position.ToString(System.Globalization.CultureInfo.InvariantCulture)
            ),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(Maml + "name", parameter.Name),
            Description(text?.Blocks ?? []),
            isSwitch
                ? null
                : new XElement(Command + "parameterValue", new XAttribute("required", "true"), TypeName(parameter.ParameterType)),
            new XElement(Dev + "type", new XElement(Maml + "name", TypeName(parameter.ParameterType)))
        );
    }

    private static string TypeName(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? TypeName(inner) : type.Name;

    private static XElement TypeElement(string name, HelpItem item) =>
        new(Command + name, new XElement(Dev + "type", new XElement(Maml + "name", item.Title)), Description(item.Blocks));

    private static XElement Example(HelpItem item, int number)
    {
        var code = item.Blocks.Where(b => b.IsCode).Select(b => b.Text).FirstOrDefault() ?? "";
        return new XElement(
            Command + "example",
            new XElement(Maml + "title", $"Example {number}: {item.Title}"),
            new XElement(Dev + "code", code),
            new XElement(Dev + "remarks", Paragraphs(item.Blocks.Where(b => !b.IsCode || b.Text != code)))
        );
    }

    private static IEnumerable<XElement> Links(CmdletInfo cmdlet, HelpPage page, string? projectUri)
    {
        // Get-Help -Online opens the first link that has an address.
        var named = cmdlet.ImplementingType.GetCustomAttribute<CmdletAttribute>()?.HelpUri;
        var online = string.IsNullOrEmpty(named) && projectUri is not null ? $"{projectUri}/blob/main/docs/en-US/{cmdlet.Name}.md" : named;
        if (!string.IsNullOrEmpty(online))
            yield return Link("Online version:", online);
        foreach (var block in page.Section("Related links").Blocks)
            yield return Link(block.Text.TrimStart('-', ' '), "");
    }

    private static XElement Link(string text, string address) =>
        new(Maml + "navigationLink", new XElement(Maml + "linkText", text), new XElement(Maml + "uri", address));

    private static XElement Description(IEnumerable<HelpBlock> blocks) => new(Maml + "description", Paragraphs(blocks));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<HelpBlock> blocks) =>
        blocks.Select(b => new XElement(Maml + "para", b.Text));
}
