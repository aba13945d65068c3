using System.Security.Cryptography;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Ssh;

/// <summary>Login shells that write, and login shells that are no POSIX shells, behind a real sshd.</summary>
[Trait("Category", "Lab")]
public sealed class SshShellTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static RemoteCommand Script(string script, bool root = true) =>
        new("test.script", script) { AsRoot = root, Timeout = TimeSpan.FromSeconds(20) };

    [Fact]
    public async Task What_bashrc_writes_is_no_part_of_what_commands_write()
    {
        using var server = Speaking("internal-sftp");
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        var sink = new RecordingSink();
        await using var host = await server.ConnectAsync(context: new(sink));
        Assert.Equal("0\n", (await host.RunAsync(Script("id -u"), None)).Text);
        Assert.Equal(bytes, (await host.RunAsync(Script("cat", root: false), None, bytes)).StandardOutput.ToArray());
        using var read = new MemoryStream();
        await host.ReadAsync(Script("printf '%s' whole"), read, None);
        Assert.Equal("whole"u8.ToArray(), read.ToArray());
        Assert.Contains(sink.VerboseMessages, message => message.Contains("authorised use only", StringComparison.Ordinal));

        await using var careful = await server.ConnectAsync(
            server.Settings(SshServer.Careful) with
            {
                SudoPassword = SshCommandTests.Secure(SshServer.Password),
            }
        );
        Assert.Equal(bytes, (await careful.RunAsync(Script("cat"), None, bytes)).StandardOutput.ToArray());

        // sshd's own SFTP needs no shell.
        await using var files = await host.OpenFilesAsync(None);
        Assert.NotNull(await files.StatAsync("/etc/passwd", None));
    }

    [Fact]
    public async Task What_bashrc_writes_is_no_part_of_SFTP()
    {
        using var server = Speaking("/usr/lib/openssh/sftp-server");
        await using var host = await server.ConnectAsync();
        await using var files = await host.OpenFilesAsync(None);
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        var path = Path.Combine(server.Root, "home", SshServer.Operator, "copy");
        await files.WriteAsync(path, new MemoryStream(content), 0, null, None);
        await using var back = await files.OpenReadAsync(path, 0, None);
        using var read = new MemoryStream();
        await back.CopyToAsync(read);
        Assert.Equal(content, read.ToArray());
        Assert.Contains(await files.ListAsync(Path.GetDirectoryName(path)!, None), file => file.Name == "copy");
    }

    [Fact]
    public async Task SFTP_that_cannot_work_for_what_bashrc_writes_is_refused_with_it()
    {
        using var server = Speaking("/usr/lib/openssh/sftp-server", "printf 'authorised\\0use only'");
        await using var host = await server.ConnectAsync(server.Settings() with { ConnectTimeoutSeconds = 8 });
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => host.OpenFilesAsync(None));
        Assert.Equal("SftpUnavailable", failure.ErrorId);
        Assert.Contains("authorised", failure.Message, StringComparison.Ordinal);
        Assert.Contains("internal-sftp", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SFTP_that_the_server_does_not_offer_is_said_so()
    {
        using var server = SshServer.Start(_ => "Subsystem nothing /bin/false");
        await using var host = await server.ConnectAsync();
        Assert.Equal("SftpUnavailable", (await Assert.ThrowsAsync<EtcdDrException>(() => host.OpenFilesAsync(None))).ErrorId);
    }

    [Theory]
    [InlineData("/usr/bin/fish", "fish")]
    [InlineData("/usr/bin/tcsh", "csh")]
    public async Task A_login_shell_that_is_no_POSIX_shell_is_refused_by_name(string shell, string name)
    {
        using var server = SshServer.Start(prepare: root => File.WriteAllText(Path.Combine(root, "shell"), shell));
        await using var host = await server.ConnectAsync();
        foreach (var root in new[] { true, false })
        {
            var failure = await Assert.ThrowsAsync<EtcdDrException>(() => host.RunAsync(Script("echo yes\necho no", root), None));
            Assert.Equal("LoginShellUnsupported", failure.ErrorId);
            Assert.Contains(name, failure.Message, StringComparison.Ordinal);
            Assert.Contains("chsh", failure.RecommendedAction, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_command_that_sshd_forces_is_not_taken_for_ours()
    {
        using var server = SshServer.Start(_ => "ForceCommand echo this is the backup account");
        await using var host = await server.ConnectAsync();
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => host.RunAsync(Script("echo yes"), None));
        Assert.Equal("RemoteCommandFailed", failure.ErrorId);
        Assert.Contains("this is the backup account", failure.Message, StringComparison.Ordinal);
    }

    private static SshServer Speaking(string sftp, string says = "echo \"Welcome to $(hostname): authorised use only\"") =>
        SshServer.Start(
            _ => $"Subsystem sftp {sftp}",
            prepare: root =>
            {
                File.WriteAllText(Path.Combine(root, "shell"), "/bin/bash");
                foreach (var user in new[] { SshServer.Operator, SshServer.Careful })
                    File.WriteAllText(Path.Combine(root, "home", user, ".bashrc"), says + "\n");
            }
        );
}
