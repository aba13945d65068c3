namespace EtcdDr.Engine.Ssh.Commands;

/// <summary>Login shells that do not read a line as POSIX shells do, known by what they say where a script has not begun.</summary>
internal static class LoginShell
{
    /// <summary>What <see cref="Preamble"/> adds to the tag where quoted text came otherwise than it was sent.</summary>
    private const string Misread = "-shell";

    /// <summary>
    /// How every script begins. fish takes a backslash before another one out of single quotes, so one of these two is gone there: the
    /// script would do what it was not meant to, and ends before it begins.
    /// </summary>
    public const string Preamble = "case '\\\\' in ?) echo \"$0" + Misread + "\" >&2; exit 1;; esac; echo \"$0\"\n";

    /// <summary>The shell's name; null where nothing tells of one that is no POSIX shell.</summary>
    /// <param name="tag">The run's tag.</param>
    /// <param name="error">What came by standard error.</param>
    public static string? NameForeign(string tag, string error)
    {
        if (error.Contains(tag + Misread, StringComparison.Ordinal) || error.Contains("fish: ", StringComparison.Ordinal))
            return "fish";

        // csh and tcsh end a quotation with the line. A single line would be taken for a program of that name.
        return
            error.Contains("Unmatched '", StringComparison.Ordinal)
            || error.Contains("LC_ALL=C: Command not found", StringComparison.Ordinal)
            ? "csh"
            : null;
    }
}
