namespace EtcdDr.Lab;

/// <summary>Waits for something to be written, to strike a fault at a named step: the module's journal or log, on this machine or in a
/// node.</summary>
public static class FileTrigger
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until a file below a directory, whose name matches, holds a text. Gives the file.</summary>
    /// <param name="directory">Where to look, with all below it; need not exist yet.</param>
    /// <param name="pattern">Name with wildcards, such as journal.json.</param>
    /// <param name="condition">Whether the text is what is waited for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<string> WaitForAsync(
        string directory,
        string pattern,
        Func<string, bool> condition,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(condition);
        while (true)
        {
            if (Find(directory, pattern, condition) is { } file)
            {
                return file;
            }

            await Task.Delay(Interval, cancellationToken);
        }
    }

    private static string? Find(string directory, string pattern, Func<string, bool> condition)
    {
        try
        {
            return Directory.Exists(directory)
                ? Directory
                    .EnumerateFiles(directory, pattern, SearchOption.AllDirectories)
                    .FirstOrDefault(file => condition(File.ReadAllText(file)))
                : null;
        }
        catch (IOException)
        {
            // The file was replaced while it was read; the next look sees the new one.
            return null;
        }
    }
}
