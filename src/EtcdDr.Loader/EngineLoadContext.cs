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

        // Some packages have an assembly for Windows and another for all other systems.
        var file = assemblyName.Name + ".dll";
        var engine = Path.Combine(_moduleDirectory, "engine");
        var path = Path.Combine(engine, "win", file);
        if (!OperatingSystem.IsWindows() || !File.Exists(path))
            path = Path.Combine(engine, file);

        // What is not there is the framework's; the default context answers for it.
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
