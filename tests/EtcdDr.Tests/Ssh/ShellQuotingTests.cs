using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Ssh.Commands;

namespace EtcdDr.Tests.Ssh;

public sealed class ShellQuotingTests
{
    [Fact]
    public void Whatever_is_quoted_reaches_a_shell_unchanged()
    {
        var random = new Random(20261123);
        const string Characters = "ab '\"\\$`!*?[]{}()<>|&;#~=%\n\t-ü€\u0001";
        var words = Enumerable
            .Range(0, 400)
            .Select(_ => new string([.. Enumerable.Range(0, random.Next(0, 24)).Select(_ => Characters[random.Next(Characters.Length)])]))
            .ToArray();
        var output = SshServer.Run("/bin/sh", "-c", $"printf '%s\\0' {string.Join(' ', words.Select(ShellQuoting.Quote))}");
        Assert.Equal(words, output.Split('\0')[..^1]);
    }

    [Fact]
    public void A_NUL_is_refused() => Assert.Throws<ArgumentException>(() => ShellQuoting.Quote("a\0b"));

    [Fact]
    public void A_command_line_holds_the_script_the_limit_and_the_arguments_each_as_one_word()
    {
        var command = new RemoteCommand("x.y", "echo 'it' \"$1\"") { Timeout = TimeSpan.FromSeconds(1.2) }.With("a'b");
        var line = CommandLine.Build(command, SudoMode.WithoutPassword, hasInput: false);
        Assert.Equal(
            $@"LC_ALL=C sudo -n -- timeout -k 5 2 sh -c 'case '\''\\'\'' in ?) echo ""$0-shell"" >&2; exit 1;; esac; echo ""$0""
echo '\''it'\'' ""$1""' '{line.Tag}' 'a'\''b' </dev/null",
            line.Text
        );
    }

    [Fact]
    public void Each_run_has_a_tag_of_its_own()
    {
        var command = new RemoteCommand("x.y", "true");
        Assert.NotEqual(CommandLine.Build(command, SudoMode.None, false).Tag, CommandLine.Build(command, SudoMode.None, false).Tag);
    }
}
