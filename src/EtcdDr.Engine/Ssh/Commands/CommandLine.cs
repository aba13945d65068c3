using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EtcdDr.Engine.Ssh.Commands;

/// <summary>
/// The line that is sent to a host for one run of a <see cref="RemoteCommand"/>. Parts that are the same for every command: <c>timeout</c>
/// bounds the run on the host itself, <c>LC_ALL=C</c> makes messages readable by programs, and <c>$0</c> is a random tag, by which a
/// cancelled run is found and ended.
/// </summary>
internal sealed class CommandLine
{
    /// <summary>Seconds from the polite end (SIGTERM) of a run that exceeds its limit to the certain one (SIGKILL).</summary>
    public const int KillDelaySeconds = 5;

    private CommandLine(string text, string tag)
    {
        Text = text;
        Tag = tag;
    }

    /// <summary>What is sent.</summary>
    public string Text { get; }

    /// <summary>
    /// The run's tag, its <c>$0</c>. The script begins with a line of it on standard output: what came before is the login shell's. A run
    /// with a sudo password writes it to standard error, too, on a line of its own, once sudo has let it through: from then on standard
    /// input is its own.
    /// </summary>
    public string Tag { get; }

    /// <summary>What sudo is told to ask with (on standard error): no other program writes it.</summary>
    public string PasswordPrompt => Tag + "-password:";

    /// <summary>Builds the line.</summary>
    /// <param name="command">The command.</param>
    /// <param name="sudo">How it becomes root.</param>
    /// <param name="hasInput">Whether it is given standard input; where not, it reads from /dev/null.</param>
    public static CommandLine Build(RemoteCommand command, SudoMode sudo, bool hasInput)
    {
        var line = new CommandLine(string.Empty, "etcddr-" + Convert.ToHexString(RandomNumberGenerator.GetBytes(8)).ToLowerInvariant());
        var text = new StringBuilder("LC_ALL=C ");
        text.Append(
            sudo switch
            {
                SudoMode.WithoutPassword => "sudo -n -- ",
                SudoMode.WithPassword => $"sudo -k -S -p {ShellQuoting.Quote(line.PasswordPrompt)} -- ",
                _ => string.Empty,
            }
        );
        text.Append(CultureInfo.InvariantCulture, $"timeout -k {KillDelaySeconds} {Seconds(command.Timeout)} sh -c ");
        text.Append(ShellQuoting.Quote(Preamble(sudo, hasInput) + command.Script));
        foreach (var word in command.Arguments.Prepend(line.Tag))
            text.Append(' ').Append(ShellQuoting.Quote(word));

        if (!hasInput && sudo != SudoMode.WithPassword)
            text.Append(" </dev/null");

        return new CommandLine(text.ToString(), line.Tag);
    }

    // With a password, standard input belongs to sudo first: only the script can tell when that is over, and only there it can be closed.
    private static string Preamble(SudoMode sudo, bool hasInput) =>
        (sudo, hasInput) switch
        {
            (SudoMode.WithPassword, true) => "echo \"$0\" >&2\n",
            (SudoMode.WithPassword, false) => "exec </dev/null; echo \"$0\" >&2\n",
            _ => string.Empty,
        } + LoginShell.Preamble;

    // timeout takes 0 as "no limit", so less than a second is one.
    private static long Seconds(TimeSpan limit) => Math.Max(1, (long)Math.Ceiling(limit.TotalSeconds));
}
