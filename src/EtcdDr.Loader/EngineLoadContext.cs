using System.Reflection;
using System.Runtime.Loader;

namespace EtcdDr.Loader;

/// <summary>
/// Holds the engine and its dependencies, all from <c>engine/</c> below the module. That directory, and not the module's own, because the handler
/// that PowerShell's <c>Assembly.LoadFrom</c> installs looks beside the requesting assembly and would load the engine into the default context.
/// </summary>
internal sealed class EngineLoadContext : AssemblyLoadContext
{
    /// <summary>Simple name of the one assembly that others ask for.</summary>
    public const string EngineName = "EtcdDr.Engine";

    private const string ObjectsName = "EtcdDr.Objects";
    private readonly string _moduleDirectory;

    /// <summary>Creates the context; loads nothing yet.</summary>
    /// <param name="moduleDirectory">The directory that holds this assembly.</param>
    public EngineLoadContext(string moduleDirectory)
        : base("EtcdDr") => _moduleDirectory = moduleDirectory;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // The public objects are what engine and cmdlets have in common: one copy, where PowerShell can name its types.
        if (assemblyName.Name == ObjectsName)
            return Default.LoadFromAssemblyPath(Path.Combine(_moduleDirectory, ObjectsName + ".dll"));

        // What is not there is the framework's or PowerShell's; the default context answers for it.
        var path = Path.Combine(_moduleDirectory, "engine", assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
