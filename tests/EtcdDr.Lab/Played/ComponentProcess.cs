namespace EtcdDr.Lab.Played;

/// <summary>What the played components share as processes.</summary>
internal static class ComponentProcess
{
    /// <summary>Takes the name that <c>ps</c> shows for the real component.</summary>
    public static void Become(string name)
    {
        try
        {
            File.WriteAllText("/proc/self/comm", name[..Math.Min(15, name.Length)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log($"The process keeps its name: {exception.Message}");
        }
    }

    public static void Log(string message) => Console.WriteLine($"{DateTimeOffset.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {message}");
}
