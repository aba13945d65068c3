using System.Runtime.InteropServices;

namespace EtcdDr.Lab.Kubelet;

/// <summary>The few system calls that .NET has no words for.</summary>
internal static partial class Posix
{
    public const int SigKill = 9;
    public const int SigTerm = 15;

    public static void Kill(int pid, int signal) => _ = NativeKill(pid, signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int NativeKill(int pid, int signal);
}
