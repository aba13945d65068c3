using System.Globalization;

namespace EtcdDr.Tests.Documentation;

/// <summary>The columns that .editorconfig allows hold for scripts, texts and comments too, which CSharpier leaves as they are.</summary>
public sealed class CodeLineTests
{
    [Fact]
    public void No_line_of_code_is_longer_than_the_columns_of_editorconfig()
    {
        var columns = Columns();
        var files = new[] { "src", "tests", "tools" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !IsBuilt(file))
            .ToList();

        Assert.NotEmpty(files);
        Assert.Empty(files.SelectMany(file => Long(file, columns)));
    }

    private static int Columns()
    {
        const string Name = "max_line_length =";
        var setting = File.ReadLines(Path.Combine(Repository.Root, ".editorconfig"))
            .SkipWhile(line => line != "[*.cs]")
            .First(line => line.StartsWith(Name, StringComparison.Ordinal));
        return int.Parse(setting[Name.Length..], CultureInfo.InvariantCulture);
    }

    private static bool IsBuilt(string file) =>
        Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj");

    private static IEnumerable<string> Long(string file, int columns) =>
        File.ReadLines(file)
            .Select((line, index) => (line.Length, Number: index + 1))
            .Where(line => line.Length > columns)
            .Select(line => $"{Path.GetRelativePath(Repository.Root, file)}({line.Number}): {line.Length} columns");
}
