using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace EtcdDr.Tests.Module;

/// <summary>Every public object has a table, a list and clean JSON.</summary>
public sealed partial class PublicObjectTests(ObjectsInConsole console) : IClassFixture<ObjectsInConsole>
{
    private static readonly string[] FormatFiles = Directory.GetFiles(
        Path.Combine(Repository.Root, "src", "EtcdDr", "Formats"),
        "*.ps1xml"
    );
    private static readonly IReadOnlyList<XElement> Views = [.. FormatFiles.SelectMany(f => XDocument.Load(f).Descendants("View"))];

    public static TheoryData<string> TypeNames => [.. Sample.Types.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void It_has_one_table_and_one_list(string type)
    {
        Assert.Single(Controls(type, "TableControl"));
        Assert.Single(Controls(type, "ListControl"));
    }

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void The_list_shows_every_property(string type)
    {
        var shown = string.Join(
            '\n',
            Controls(type, "ListControl")
                .Descendants("ListItem")
                .Select(i => i.Element("PropertyName") is { } p ? $"$_.{p.Value}" : i.Element("ScriptBlock")!.Value)
        );

        Assert.All(Type(type).GetProperties(), p => Assert.Matches($@"\$_\.{p.Name}\b", shown));
    }

    [Fact]
    public void Every_table_shows_all_its_columns_within_120()
    {
        foreach (var type in Sample.Types)
        {
            var screen = console[type.Name].Table;

            Assert.All(screen.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 120));
            Assert.DoesNotContain("#ERR", screen, StringComparison.Ordinal);
            var header = Array.Find(screen.Split('\n'), l => Labels(type.Name).All(label => l.Contains(label, StringComparison.Ordinal)));
            Assert.True(header is not null, $"{type.Name}: a column is left out.\n{screen}");
        }
    }

    [Fact]
    public void Every_list_shows_sizes_and_times_for_people()
    {
        foreach (var type in Sample.Types)
        {
            var screen = console[type.Name].List;

            Assert.DoesNotContain("#ERR", screen, StringComparison.Ordinal);
            foreach (var property in type.GetProperties())
            {
                if (property.PropertyType == typeof(DateTime) || property.PropertyType == typeof(DateTime?))
                    Assert.Matches($@"{property.Name}\s+: 2026-11-22 23:53:31Z", screen);
                if (property.PropertyType == typeof(long) && Size().IsMatch(property.Name))
                    Assert.Contains("115 GiB", screen, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void Its_text_and_its_list_are_for_people_and_name_no_type(string type)
    {
        const string OfCompiler = @"System\.\w|`1|<>|\{ \w+ = ";

        Assert.DoesNotMatch(OfCompiler, Sample.Of(Type(type)).ToString()!);
        Assert.DoesNotMatch(OfCompiler, console[type].List);
        Assert.DoesNotContain(Sample.Secret, Sample.Of(Type(type)).ToString()!, StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_are_shown_only_where_the_console_renders_them()
    {
        Assert.Contains('\u001b', console.Colours.Ansi);
        Assert.DoesNotContain('\u001b', console.Colours.PlainText);
    }

    /// <summary>pwsh turns <c>$PSStyle</c> off under NO_COLOR and where output is no console; what goes around it would stay.</summary>
    [Fact]
    public void Colours_come_from_PSStyle_only() =>
        Assert.All(FormatFiles, f => Assert.DoesNotMatch(@"\u001b|`e|\[char\] ?27|Write-Host", File.ReadAllText(f)));

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void Its_JSON_is_whole_and_has_times_as_ISO_8601_in_UTC_and_no_secret(string type)
    {
        var text = console[type].Json;

        Assert.Empty(console[type].Warnings);
        Assert.DoesNotContain(Sample.Secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain("value__", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("SecureString", text, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(text);
        Assert.Equal(Type(type).GetProperties().Select(p => p.Name), document.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.All(
            Type(type).GetProperties().Where(p => p.PropertyType == typeof(DateTime)),
            p => Assert.Equal("2026-11-22T23:53:31Z", document.RootElement.GetProperty(p.Name).GetString())
        );
    }

    [GeneratedRegex("Size|Bytes")]
    private static partial Regex Size();

    private static Type Type(string name) => Sample.Types.Single(t => t.Name == name);

    private static IEnumerable<XElement> Controls(string type, string control) =>
        Views
            .Where(v => v.Element("ViewSelectedBy")!.Elements("TypeName").Any(t => t.Value == "EtcdDr." + type))
            .SelectMany(v => v.Elements(control));

    private static IEnumerable<string> Labels(string type)
    {
        var table = Controls(type, "TableControl").Single();
        var items = table.Descendants("TableColumnItem").ToList();
        return table
            .Descendants("TableColumnHeader")
            .Select((h, i) => h.Element("Label")?.Value ?? items[i].Element("PropertyName")!.Value);
    }
}
