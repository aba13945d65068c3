using System.Runtime.InteropServices;

namespace EtcdDr.Lab.Tools;

internal static partial class NativeMethods
{
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int processId, int signal);
}
