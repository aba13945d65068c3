using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace EtcdDr.Loader;

/// <summary>
/// Loads the public objects as they fit this platform, and answers the default load context's request for <c>EtcdDr.Engine</c>, and no
/// other, from the module's own context. PowerShell calls it when the module is imported, before the assembly with the cmdlets is loaded,
/// and when it is removed.
/// </summary>
public sealed class EngineLoader : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly ModuleFiles Files = new(Path.GetDirectoryName(typeof(EngineLoader).Assembly.Location)!);

    // Runspaces of one process import and remove the module each for itself: the last one out unregisters.
    private static readonly object Gate = new();
    private static int imports;

    // Kept when the module is removed: PowerShell cannot unload the cmdlets, which are bound to this engine for the life of the process.
    private static EngineLoadContext? context;

    /// <inheritdoc/>
    public void OnImport()
    {
        lock (Gate)
        {
            if (imports++ > 0)
                return;

            // Where scripts can name its types; before any cmdlet can ask for it.
            AssemblyLoadContext.Default.LoadFromAssemblyPath(Files.Shared(EngineLoadContext.ObjectsName));
            AssemblyLoadContext.Default.Resolving += Resolve;
        }
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        lock (Gate)
        {
            if (imports > 0 && --imports == 0)
                AssemblyLoadContext.Default.Resolving -= Resolve;
        }
    }

    private static Assembly? Resolve(AssemblyLoadContext defaultContext, AssemblyName name)
    {
        if (name.Name != EngineLoadContext.EngineName)
            return null;

        lock (Gate)
        {
            context ??= new EngineLoadContext(Files);
            return context.LoadFromAssemblyName(name);
        }
    }
}
