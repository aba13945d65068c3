using System.Collections.Concurrent;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>
/// The way to a host: straight, or through a chain of jump hosts, each of them a connection of its own whose forwarded loopback port leads
/// to the next. Each hop's key is checked against its own name.
/// </summary>
internal sealed class JumpWay : IAsyncDisposable
{
    // sshd drops connections at random above ten that are not yet authenticated (MaxStartups 10:30:100), and all nodes pass one bastion.
    private const int LoginsAtOnce = 6;

    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Logins = new(StringComparer.Ordinal);

    private readonly List<IAsyncDisposable> _held;

    private JumpWay(string host, int port, List<IAsyncDisposable> held)
    {
        Host = host;
        Port = port;
        _held = held;
    }

    /// <summary>The last hop, if it has refused to forward; null otherwise.</summary>
    public SshTarget? RefusingHop => _held is [SshConnection { ForwardingRefused.IsCompleted: true } hop, ..] ? hop.Target : null;

    /// <summary>What to connect to.</summary>
    public string Host { get; }

    /// <summary>The port of it.</summary>
    public int Port { get; }

    /// <summary>Opens the way; for a host without jump hosts there is nothing to open.</summary>
    public static async Task<JumpWay> OpenAsync(SshTarget target, OperationContext context, CancellationToken cancellationToken)
    {
        if (target.JumpHosts.Count == 0)
            return new JumpWay(target.Host, target.Port, []);

        // The last hop knows the way through those before it.
        var hop = target.JumpHosts[^1] with
        {
            JumpHosts = [.. target.JumpHosts.SkipLast(1)],
        };
        var held = new List<IAsyncDisposable>();
        try
        {
            var connection = await LogInAsync(hop, context, cancellationToken);
            held.Add(connection);
            var port = await SshForwardedPort.OpenAsync(connection, target.Host, target.Port, context.Sink, cancellationToken);
            held.Add(port);
            return new JumpWay("127.0.0.1", port.Port, held);
        }
        catch
        {
            await CloseAsync(held);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CloseAsync(_held);

    private static async Task<SshConnection> LogInAsync(SshTarget hop, OperationContext context, CancellationToken cancellationToken)
    {
        var logins = Logins.GetOrAdd(hop.Endpoint, _ => new SemaphoreSlim(LoginsAtOnce));
        await logins.WaitAsync(cancellationToken);
        try
        {
            return await SshConnection.OpenAsync(hop, context, cancellationToken);
        }
        finally
        {
            logins.Release();
        }
    }

    private static async Task CloseAsync(List<IAsyncDisposable> held)
    {
        foreach (var part in Enumerable.Reverse(held))
            await part.DisposeAsync();
    }
}
