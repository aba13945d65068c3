using System.Text;

namespace EtcdDr.Engine.Ssh.Commands;

/// <summary>Quotes text for a POSIX shell.</summary>
internal static class ShellQuoting
{
    /// <summary>
    /// One word that the shell reads as exactly this text: in single quotes nothing is special, and a single quote itself is closed,
    /// escaped and opened again. A NUL cannot be part of a command line.
    /// </summary>
    /// <exception cref="ArgumentException">The text holds a NUL.</exception>
    public static string Quote(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A command line cannot hold a NUL character.", nameof(text));

        return new StringBuilder(text.Length + 2)
            .Append('\'')
            .Append(text.Replace("'", @"'\''", StringComparison.Ordinal))
            .Append('\'')
            .ToString();
    }
}
