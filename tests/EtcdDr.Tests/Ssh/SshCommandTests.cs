using System.Security;
using System.Security.Cryptography;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Ssh;

/// <summary>Commands against a real sshd with real sudo.</summary>
[Trait("Category", "Lab")]
public sealed class SshCommandTests : IClassFixture<SshServerFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly SshServer _server;

    public SshCommandTests(SshServerFixture fixture) => _server = fixture.Server;

    private static RemoteCommand Script(string script, bool root = true) =>
        new("test.script", script) { AsRoot = root, Timeout = TimeSpan.FromSeconds(20) };

    [Fact]
    public async Task A_command_runs_as_root_through_sudo()
    {
        await using var host = await _server.ConnectAsync();
        Assert.Equal("0\n", (await host.RunAsync(Script("id -u"), None)).Text);
    }

    [Fact]
    public async Task A_command_that_does_not_need_root_runs_as_the_user()
    {
        await using var host = await _server.ConnectAsync();
        Assert.Equal(SshServer.Operator + "\n", (await host.RunAsync(Script("id -un", root: false), None)).Text);
    }

    [Fact]
    public async Task Root_needs_no_sudo()
    {
        await using var host = await _server.ConnectAsync(_server.Settings("root"));
        Assert.Equal("0 \n", (await host.RunAsync(Script("echo \"$(id -u) ${SUDO_USER-}\""), None)).Text);
    }

    [Fact]
    public async Task Arguments_arrive_as_they_are()
    {
        string[] nasty = ["a b", "it's", "$(id)", "`id`", "\"", "\\", "-n", "", "*", "new\nline", "ü€", ";rm -rf /", "'\"'\"'", "\t", "!x"];
        await using var host = await _server.ConnectAsync();
        var result = await host.RunAsync(Script("printf '%s\\0' \"$@\"").With(nasty), None);
        Assert.Equal(nasty, result.Text.Split('\0')[..^1]);
    }

    [Fact]
    public async Task Standard_input_is_delivered_and_ended()
    {
        await using var host = await _server.ConnectAsync();
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        Assert.Equal(bytes, (await host.RunAsync(Script("cat"), None, bytes)).StandardOutput.ToArray());
    }

    [Fact]
    public async Task A_command_without_input_reads_the_end_at_once()
    {
        await using var host = await _server.ConnectAsync();
        Assert.Equal(string.Empty, (await host.RunAsync(Script("cat"), None)).Text);
        using var nothing = new MemoryStream();
        Assert.Equal("0\n", (await host.WriteAsync(Script("wc -c"), nothing, None)).Text);
    }

    [Fact]
    public async Task Large_streams_pass_unchanged_both_ways()
    {
        var bytes = RandomNumberGenerator.GetBytes(24 * 1024 * 1024);
        var file = $"/run/large-{Guid.NewGuid():N}";
        await using var host = await _server.ConnectAsync();
        using var source = new MemoryStream(bytes);
        await host.WriteAsync(Script("cat >\"$1\"").With(file), source, None);
        using var back = new MemoryStream();
        await host.ReadAsync(NodeFileCommands.ReadFile.With(file), back, None);
        Assert.Equal(bytes, back.ToArray());
    }

    [Fact]
    public async Task A_slow_reader_slows_the_host_and_loses_nothing()
    {
        await using var host = await _server.ConnectAsync();
        await using var slow = new SlowStream(delayAfter: 1024 * 1024);
        await host.ReadAsync(Script("head -c 41943040 /dev/zero"), slow, None);
        Assert.Equal(41943040, slow.Length);
    }

    [Fact]
    public async Task A_destination_that_takes_no_more_ends_the_command_and_is_what_is_reported()
    {
        await using var host = await _server.ConnectAsync();
        await using var full = new FullStream();
        var failure = await Assert.ThrowsAsync<IOException>(() => host.ReadAsync(Script("cat /dev/zero"), full, None));
        Assert.Equal("full", failure.Message);
        Assert.Equal("0\n", (await host.RunAsync(Script("id -u"), None)).Text);
    }

    [Fact]
    public async Task A_source_that_fails_ends_the_command_before_it_takes_the_input_for_complete()
    {
        var file = $"/run/partial-{Guid.NewGuid():N}";
        await using var host = await _server.ConnectAsync();
        await using var broken = new BrokenStream();
        var take = Script(InputScript.Receive + "receive \"$1.tmp\" \"$2\" && mv \"$1.tmp\" \"$1\"").With(file, "1048576");
        var failure = await Assert.ThrowsAsync<IOException>(() => host.WriteAsync(take, broken, None));
        Assert.Equal("broken", failure.Message);
        Assert.Equal("no\n", (await host.RunAsync(Script("[ -e \"$1\" ] && echo yes || echo no").With(file), None)).Text);
    }

    [Fact]
    public async Task Input_that_is_not_taken_is_a_failure()
    {
        await using var host = await _server.ConnectAsync();
        using var source = new MemoryStream(new byte[8 * 1024 * 1024]);
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => host.WriteAsync(Script("head -c 1 >/dev/null"), source, None));
        Assert.Equal("RemoteCommandFailed", failure.ErrorId);
    }

    [Fact]
    public async Task A_status_that_is_not_accepted_is_a_failure_with_its_message()
    {
        await using var host = await _server.ConnectAsync();
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => host.RunAsync(Script("echo 'no such thing' >&2; exit 7"), None));
        Assert.Equal("RemoteCommandFailed", failure.ErrorId);
        Assert.Contains("status 7: no such thing", failure.Message, StringComparison.Ordinal);
        Assert.Equal(7, (await host.RunAsync(Script("exit 7") with { AcceptedStatuses = [7] }, None)).ExitStatus);
    }

    [Fact]
    public async Task Output_of_a_secret_command_is_in_no_error_and_no_record()
    {
        var records = new List<RemoteCommandRecord>();
        var context = new OperationContext(new RecordingSink()) { CommandLog = records.Add };
        await using var host = await _server.ConnectAsync(context: context);
        var secret = Script("echo hunter2; echo hunter2 >&2; exit 3") with { OutputIsSecret = true };
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => host.RunAsync(secret, None));
        Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", Assert.Single(records).ToString(), StringComparison.Ordinal);
        Assert.Equal(3, records[0].ExitStatus);
    }

    [Fact]
    public async Task Standard_error_is_kept_up_to_64_KiB_with_its_end()
    {
        await using var host = await _server.ConnectAsync();
        var result = await host.RunAsync(Script("seq 1 100000 >&2"), None);
        Assert.InRange(result.StandardError.Length, 60 * 1024, 65 * 1024);
        Assert.EndsWith("\n100000\n", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_beyond_its_limit_is_ended_on_the_host()
    {
        await using var host = await _server.ConnectAsync();
        var endless = Script("sleep 1234.5") with { Timeout = TimeSpan.FromSeconds(1) };
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => host.RunAsync(endless, None));
        Assert.Equal("RemoteCommandTimeout", failure.ErrorId);
        await AssertNotRunning(host, "sleep 1234.5");
    }

    [Fact]
    public async Task A_cancelled_command_is_ended_on_the_host()
    {
        await using var host = await _server.ConnectAsync();
        using var cancel = new CancellationTokenSource();
        var running = host.RunAsync(Script("sleep 4321.5") with { Timeout = TimeSpan.FromMinutes(9) }, cancel.Token);
        await UntilRunning(host, "sleep 4321.5");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await AssertNotRunning(host, "sleep 4321.5");
    }

    [Fact]
    public async Task More_commands_than_the_server_allows_at_once_all_run()
    {
        await using var host = await _server.ConnectAsync();
        var all = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => host.RunAsync(Script("sleep 0.05; echo \"$1\"").With($"{i}"), None))
        );
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}\n"), all.Select(result => result.Text));
    }

    [Fact]
    public async Task Every_command_is_recorded()
    {
        var records = new List<RemoteCommandRecord>();
        await using var host = await _server.ConnectAsync(context: new OperationContext(new RecordingSink()) { CommandLog = records.Add });
        await host.RunAsync(Script("true").With("x"), None);
        var record = Assert.Single(records);
        Assert.Equal(
            ("node1", "test.script", true, (int?)0, null),
            (record.Host, record.Name, record.AsRoot, record.ExitStatus, record.Failure)
        );
        Assert.Equal(["x"], record.Arguments);
    }

    [Fact]
    public async Task A_forwarded_port_leads_to_an_address_behind_the_host()
    {
        await using var host = await _server.ConnectAsync();
        await using var port = await host.ForwardAsync("127.0.0.1", _server.Port, None);
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync("127.0.0.1", port.Port);
        using var reader = new StreamReader(client.GetStream());
        Assert.StartsWith("SSH-2.0-OpenSSH", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forwarded_port_whose_connection_was_closed_before_it_closes_without_an_error()
    {
        var host = await _server.ConnectAsync();
        var port = await host.ForwardAsync("127.0.0.1", _server.Port, None);

        await host.DisposeAsync();
        await port.DisposeAsync();

        using var client = new System.Net.Sockets.TcpClient();
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => client.ConnectAsync("127.0.0.1", port.Port));
    }

    [Fact]
    public async Task An_answer_by_status_counts_although_input_is_left()
    {
        await using var host = await _server.ConnectAsync();
        var refusing = Script("exit 75") with { AcceptedStatuses = [75] };
        await using var endless = new HeartbeatStream(TimeProvider.System);
        Assert.Equal(75, (await host.WriteAsync(refusing, endless, None)).ExitStatus);
    }

    [Fact]
    public async Task A_connection_that_breaks_fails_the_command_as_lost()
    {
        await using var host = await _server.ConnectAsync(_server.Settings("root"));
        var cut = Script(
            "p=$$; while [ \"$(cat /proc/$p/comm)\" != sshd ]; do p=$(ps -o ppid= -p $p | tr -d ' '); done; kill -9 $p; sleep 60"
        );
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => host.RunAsync(cut, None));
        Assert.Equal("ConnectionLost", failure.ErrorId);
        Assert.Equal("ConnectionLost", (await Assert.ThrowsAsync<EtcdDrException>(() => host.RunAsync(Script("true"), None))).ErrorId);
    }

    [Fact]
    public async Task Sudo_that_asks_for_a_password_says_what_to_do()
    {
        await using var host = await _server.ConnectAsync(_server.Settings(SshServer.Careful));
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => host.RunAsync(Script("id"), None));
        Assert.Equal("SudoPasswordRequired", failure.ErrorId);
        Assert.Contains("NOPASSWD", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("-SudoCredential", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_sudo_rights_is_told_so()
    {
        await using var host = await _server.ConnectAsync(
            _server.Settings(SshServer.Guest) with
            {
                SudoPassword = Secure(SshServer.Password),
            }
        );
        Assert.Equal("SudoRefused", (await Assert.ThrowsAsync<EtcdDrException>(() => host.RunAsync(Script("id"), None))).ErrorId);
    }

    [Theory]
    [InlineData(SshServer.Careful)]
    [InlineData(SshServer.Operator)]
    public async Task A_sudo_password_reaches_sudo_alone_whether_it_asks_or_not(string user)
    {
        await using var host = await _server.ConnectAsync(_server.Settings(user) with { SudoPassword = Secure(SshServer.Password) });
        var bytes = RandomNumberGenerator.GetBytes(200_000);
        for (var run = 0; run < 2; run++)
        {
            var result = await host.RunAsync(Script("cat; id -u >&2"), None, bytes);
            Assert.Equal(bytes, result.StandardOutput.ToArray());
            Assert.Equal("0\n", result.StandardError);
            Assert.Equal(string.Empty, (await host.RunAsync(Script("cat"), None)).Text);
        }
    }

    [Fact]
    public async Task A_wrong_sudo_password_is_refused_and_shown_nowhere()
    {
        await using var host = await _server.ConnectAsync(_server.Settings(SshServer.Careful) with { SudoPassword = Secure("wrong-one") });
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => host.RunAsync(Script("cat"), None, new byte[] { 1 }));
        Assert.Equal("SudoPasswordRefused", failure.ErrorId);
        Assert.DoesNotContain("wrong-one", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sudo_password_is_on_no_command_line()
    {
        await using var host = await _server.ConnectAsync(
            _server.Settings(SshServer.Careful) with
            {
                SudoPassword = Secure(SshServer.Password),
            }
        );
        var lines = (await host.RunAsync(Script("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '"), None)).Text;
        Assert.Contains("timeout", lines, StringComparison.Ordinal);
        Assert.DoesNotContain(SshServer.Password, lines, StringComparison.Ordinal);
    }

    internal static SecureString Secure(string text)
    {
        var secure = new SecureString();
        foreach (var character in text)
            secure.AppendChar(character);

        return secure;
    }

    private static async Task<bool> IsRunning(IRemoteHost host, string commandLine) =>
        (await host.RunAsync(Script("ps -eo args").With(), None)).Text.Split('\n').Contains(commandLine);

    private static async Task UntilRunning(IRemoteHost host, string commandLine)
    {
        for (var tries = 0; !await IsRunning(host, commandLine); tries++)
            Assert.InRange(tries, 0, 200);
    }

    // What was told to end may take a moment to be gone.
    private static async Task AssertNotRunning(IRemoteHost host, string commandLine)
    {
        for (var tries = 0; await IsRunning(host, commandLine); tries++)
            Assert.InRange(tries, 0, 100);
    }
}
