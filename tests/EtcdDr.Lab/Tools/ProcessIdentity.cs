using System.Globalization;

namespace EtcdDr.Lab.Tools;

/// <summary>A process that cannot be confused with a later one of the same number.</summary>
/// <param name="Id">Its number on this machine.</param>
/// <param name="Started">Its start in clock ticks since boot, from /proc/PID/stat.</param>
public sealed record ProcessIdentity(int Id, long Started)
{
    /// <summary>The identity of a running process; null when there is none of that number.</summary>
    public static ProcessIdentity? Of(int id)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            // The name, second and in parentheses, may hold anything; field 22 is the start.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : new ProcessIdentity(id, long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether it still runs.</summary>
    public bool Runs => Of(Id) == this;

    /// <summary>Kills it (SIGKILL) and waits until it is gone. Its whole PID namespace goes with it when it is the first in one.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        while (Runs)
        {
            // ESRCH means that it went between the two calls.
            _ = NativeMethods.Kill(Id, 9);
            await Task.Delay(10, cancellationToken);
        }
    }
}
