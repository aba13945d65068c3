namespace EtcdDr.Packager;

/// <summary>Packs the module: <c>EtcdDr.Packager &lt;staged module&gt; &lt;project.assets.json of the engine&gt; &lt;output
/// directory&gt;</c>.</summary>
public static class Program
{
    public static int Main(string[] args)
    {
        if (args is not [var module, var assets, var output])
        {
            Console.Error.WriteLine("usage: EtcdDr.Packager <staged module> <project.assets.json of the engine> <output directory>");
            return 2;
        }

        try
        {
            var package = ModulePackage.Read(module, assets);
            if (package.Manifest.ProjectUri.Host.EndsWith(".example", StringComparison.Ordinal))
                Console.Error.WriteLine(
                    $"warning: ProjectUri of EtcdDr.psd1 is {package.Manifest.ProjectUri}, which nobody can open. Name the project's "
                        + "home before this is published."
                );
            foreach (var path in package.Write(output))
                Console.WriteLine(path);
            return 0;
        }
        catch (PackagingException failure)
        {
            Console.Error.WriteLine($"error: {failure.Message}");
            return 1;
        }
    }
}
