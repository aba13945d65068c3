using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Ssh;

/// <summary>Ways to addresses behind a real sshd that forwards nothing.</summary>
[Trait("Category", "Lab")]
public sealed class SshForwardingTests : IClassFixture<SshForwardingTests.Fixture>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly SshServer _server;
    private readonly RecordingSink _sink = new();

    public SshForwardingTests(Fixture fixture) => _server = fixture.Server;

    [Fact]
    public async Task A_node_that_forwards_nothing_is_reached_by_a_command()
    {
        using var echo = new Echo();
        await using var host = await _server.ConnectAsync(context: new OperationContext(_sink));
        await using var forward = await host.ForwardAsync("127.0.0.1", echo.Port, None);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => PassAsync(forward.Port)));
        await using var other = await host.ForwardAsync("127.0.0.1", echo.Port, None);
        await PassAsync(other.Port);
        Assert.Single(_sink.VerboseMessages, message => message.Contains("forwards no connections", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_not_there_closes_the_connection_and_nothing_else()
    {
        using var echo = new Echo();
        await using var host = await _server.ConnectAsync(context: new OperationContext(_sink));
        await using var nowhere = await host.ForwardAsync("127.0.0.1", 1, None);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, nowhere.Port);
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));
        await using var forward = await host.ForwardAsync("127.0.0.1", echo.Port, None);
        await PassAsync(forward.Port);
    }

    [Fact]
    public async Task The_command_ends_with_its_connection()
    {
        using var echo = new Echo();
        await using var host = await _server.ConnectAsync(context: new OperationContext(_sink));
        await using (var forward = await host.ForwardAsync("127.0.0.1", echo.Port, None))
        {
            await PassAsync(forward.Port);
        }

        // Nothing else in the server's namespace is run by bash.
        const string Look = "for process in /proc/[0-9]*; do if [ \"$(cat \"$process/comm\" 2>/dev/null)\" = bash ]; then exit 3; fi; done";
        var look = new RemoteCommand("test.look", Look) { AcceptedStatuses = [3], Timeout = TimeSpan.FromSeconds(20) };
        Assert.True(SpinWait.SpinUntil(() => host.RunAsync(look, None).GetAwaiter().GetResult().ExitStatus == 0, TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task A_jump_host_that_forwards_nothing_is_named_with_the_remedy()
    {
        var settings = _server.Settings() with { JumpHosts = [$"{SshServer.Guest}@127.0.0.1:{_server.Port}"] };
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => _server.ConnectAsync(settings));
        Assert.Equal("ForwardingRefused", failure.ErrorId);
        Assert.Contains(SshServer.Guest, failure.Message, StringComparison.Ordinal);
        Assert.Contains("AllowTcpForwarding local", failure.RecommendedAction, StringComparison.Ordinal);
    }

    private static async Task PassAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = client.GetStream();
        var sent = RandomNumberGenerator.GetBytes(500_000);
        var received = new byte[sent.Length];
        await Task.WhenAll(stream.WriteAsync(sent).AsTask(), stream.ReadExactlyAsync(received).AsTask());
        Assert.Equal(sent, received);
    }

    public sealed class Fixture : IDisposable
    {
        internal SshServer Server { get; } = SshServer.Start(_ => "AllowTcpForwarding no");

        public void Dispose() => Server.Dispose();
    }

    /// <summary>Sends back what comes.</summary>
    private sealed class Echo : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Echo()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            while (true)
                _ = EchoAsync(await _listener.AcceptTcpClientAsync());
        }

        private static async Task EchoAsync(TcpClient client)
        {
            using (client)
                await client.GetStream().CopyToAsync(client.GetStream());
        }
    }
}
