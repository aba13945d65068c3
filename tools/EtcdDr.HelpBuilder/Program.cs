using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;
using System.Xml;

namespace EtcdDr.HelpBuilder;

/// <summary>
/// Builds help: <c>EtcdDr.HelpBuilder &lt;staged module&gt; &lt;docs/en-US&gt; &lt;output directory&gt;</c>, and the page of errors:
/// <c>EtcdDr.HelpBuilder errors &lt;src&gt; &lt;docs/errors.md&gt;</c>.
/// </summary>
public static class Program
{
    public static int Main(string[] args)
    {
        if (args is ["errors", var source, var page])
        {
            File.WriteAllText(page, ErrorCatalogue.Read(source).Write());
            return 0;
        }

        if (args is not [var module, var docs, var output])
        {
            Console.Error.WriteLine(
                "usage: EtcdDr.HelpBuilder <staged module> <docs/en-US> <output directory> | errors <src> <docs/errors.md>"
            );
            return 2;
        }

        if (Directory.Exists(output))
            Directory.Delete(output, recursive: true);
        Directory.CreateDirectory(output);
        WriteCommands(module, docs, output);
        WriteTopics(docs, output);
        return 0;
    }

    private static void WriteCommands(string module, string docs, string output)
    {
        using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        var manifest = Path.Combine(module, "EtcdDr.psd1");
        var imported = Invoke(runspace, "Import-Module", ("Name", manifest), ("PassThru", true))
            .Select(m => (PSModuleInfo)m.BaseObject)
            .Single();
        var pages = Invoke(runspace, "Get-Command", ("Module", imported.Name))
            .Select(c => c.BaseObject)
            .OfType<CmdletInfo>()
            .OrderBy(c => c.Name, StringComparer.Ordinal)
            .Where(c => File.Exists(PagePath(docs, c)))
            .Select(c => (c, HelpPage.Parse(File.ReadAllText(PagePath(docs, c)))))
            .ToList();
        var settings = new XmlWriterSettings
        {
            Indent = true,
            NewLineChars = "\n",
            Encoding = new UTF8Encoding(false),
        };
        using var writer = XmlWriter.Create(Path.Combine(output, "EtcdDr.dll-Help.xml"), settings);
        MamlWriter.Write(pages, imported.ProjectUri?.ToString().TrimEnd('/')).Save(writer);
    }

    private static string PagePath(string docs, CmdletInfo cmdlet) => Path.Combine(docs, cmdlet.Name + ".md");

    private static void WriteTopics(string docs, string output)
    {
        foreach (var path in Directory.EnumerateFiles(docs, "about_*.md"))
        {
            var topic = Path.GetFileNameWithoutExtension(path);
            File.WriteAllText(Path.Combine(output, topic + ".help.txt"), AboutPage.Write(topic, File.ReadAllText(path)));
        }
    }

    private static System.Collections.ObjectModel.Collection<PSObject> Invoke(
        Runspace runspace,
        string command,
        params (string Name, object Value)[] parameters
    )
    {
        using var shell = System.Management.Automation.PowerShell.Create(runspace);
        shell.AddCommand(command).AddParameter("ErrorAction", ActionPreference.Stop);
        foreach (var (name, value) in parameters)
            shell.AddParameter(name, value);

        return shell.Invoke();
    }
}
