using System.Reflection;
using System.Runtime.Loader;

namespace EtcdDr.Loader;

/// <summary>
/// Holds the engine and its dependencies, all from <c>engine/</c> below the module or compiled ahead beside it. That directory, and not the
/// module's own, because the handler that PowerShell's <c>Assembly.LoadFrom</c> installs looks beside the requesting assembly and would
/// load the engine into the default context.
/// </summary>
/// <param name="files">The module's files.</param>
internal sealed class EngineLoadContext(ModuleFiles files) : AssemblyLoadContext("EtcdDr")
{
    /// <summary>Simple name of the one assembly that others ask for.</summary>
    public const string EngineName = "EtcdDr.Engine";

    /// <summary>Simple name of the assembly that engine and cmdlets have in common.</summary>
    public const string ObjectsName = "EtcdDr.Objects";

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // The public objects are what engine and cmdlets have in common: one copy, where PowerShell can name its types.
        if (assemblyName.Name == ObjectsName)
            return Default.LoadFromAssemblyPath(files.Shared(ObjectsName));

        // What is not there is the framework's or PowerShell's; the default context answers for it.
        return files.Private(assemblyName.Name!) is { } path ? LoadFromAssemblyPath(path) : null;
    }
}
