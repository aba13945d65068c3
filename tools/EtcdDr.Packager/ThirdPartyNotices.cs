using System.Text;

namespace EtcdDr.Packager;

/// <summary>Writes the notices that the licences of shipped packages ask for: who made what, under which licence, and each text
/// once.</summary>
public static class ThirdPartyNotices
{
    private const string Rule = "--------------------------------------------------------------------------------";

    /// <summary>The whole file.</summary>
    public static string Write(IReadOnlyList<ShippedDependency> dependencies)
    {
        ArgumentNullException.ThrowIfNull(dependencies);
        var text = new StringBuilder("EtcdDr ships the following packages of others, unchanged.\n\n");
        foreach (var package in dependencies)
            AppendPackage(text, package);

        foreach (var licence in dependencies.Select(d => d.Licence).Distinct().Order(StringComparer.Ordinal))
            AppendText(text, $"Licence {licence}", LicenceText(licence));

        // Microsoft's packages bring the same long file each: what is said once counts for all of them.
        foreach (var notice in dependencies.SelectMany(d => d.Notices.Select(n => (d.Id, n.Name, n.Text))).GroupBy(n => n.Text))
            AppendText(text, $"{notice.First().Name} of {string.Join(", ", notice.Select(n => n.Id).Distinct())}", notice.Key);

        return text.ToString();
    }

    private static void AppendPackage(StringBuilder text, ShippedDependency package)
    {
        text.Append($"{package.Id} {package.Version}\n");
        text.Append($"  Files      {string.Join(", ", package.Assemblies)}\n");
        text.Append($"  Licence    {package.Licence}\n");
        text.Append($"  Copyright  {package.Copyright ?? package.Authors}\n");
        if ((package.ProjectUrl ?? package.RepositoryUrl) is { } home)
            text.Append($"  Home       {home}\n");
        text.Append('\n');
    }

    private static void AppendText(StringBuilder text, string title, string body) =>
        text.Append($"{Rule}\n{title}\n{Rule}\n\n{body.Trim()}\n\n");

    private static string LicenceText(string licence)
    {
        using var stream =
            typeof(ThirdPartyNotices).Assembly.GetManifestResourceStream(licence)
            ?? throw new PackagingException($"The text of licence {licence} is not in tools/EtcdDr.Packager/Licences.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
