using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh.Files;
using EtcdDr.Engine.Ssh.HostKeys;
using EtcdDr.Engine.Ssh.Keys;
using Renci.SshNet;

namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>An authenticated connection to a host, with the connections to the jump hosts that it leads through.</summary>
internal sealed class SshConnection : IAsyncDisposable
{
    // After login this bounds only what the SSH server itself answers and how long a command may leave its input unread.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(5);

    private readonly BaseClient _client;
    private readonly AuthenticationPlan _authentication;
    private readonly JumpWay _way;
    private volatile bool _closed;
    private readonly TaskCompletionSource _forwardingRefused = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // RFC 4254, 5.1: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED. sshd gives it for forwarding alone.
    private const uint Prohibited = 1;

    private SshConnection(SshTarget target, BaseClient client, AuthenticationPlan authentication, JumpWay way)
    {
        Target = target;
        _client = client;
        _authentication = authentication;
        _way = way;
        if (client is SshClient)
            SshNetInternals.WatchRefusals(
                client,
                reason =>
                {
                    if (reason == Prohibited)
                    {
                        _forwardingRefused.TrySetResult();
                    }
                }
            );
    }

    /// <summary>The host.</summary>
    public SshTarget Target { get; }

    /// <summary>The client, where it was opened for commands and forwarding.</summary>
    public SshClient Client => (SshClient)_client;

    /// <summary>The client, where it was opened for files.</summary>
    public SftpClient FilesClient => (SftpClient)_client;

    /// <summary>Whether it still stands, as far as this side knows. One that was closed here does not; SSH.NET would throw.</summary>
    public bool IsConnected => !_closed && _client.IsConnected;

    /// <summary>Completes when the server has refused, as a rule of its own, to forward a connection (<c>AllowTcpForwarding</c>,
    /// <c>PermitOpen</c>).</summary>
    public Task ForwardingRefused => _forwardingRefused.Task;

    /// <summary>Connects for commands and forwarding.</summary>
    public static Task<SshConnection> OpenAsync(SshTarget target, OperationContext context, CancellationToken cancellationToken) =>
        OpenAsync(target, context, info => new SshClient(info), cancellationToken);

    /// <summary>Connects for files. SSH.NET cannot open SFTP on a connection that it has, so this is one more.</summary>
    public static Task<SshConnection> OpenFilesAsync(SshTarget target, OperationContext context, CancellationToken cancellationToken) =>
        OpenAsync(target, context, info => new QuietSftpClient(info) { OperationTimeout = target.ConnectTimeout }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _closed = true;

        // Disconnecting waits for the server's answer, which may never come.
        await Task.Run(_client.Dispose);
        BlockedThreads.Release();
        _authentication.Dispose();
        await _way.DisposeAsync();
    }

    private static async Task<SshConnection> OpenAsync(
        SshTarget target,
        OperationContext context,
        Func<ConnectionInfo, BaseClient> create,
        CancellationToken cancellationToken
    )
    {
        var authentication = await AuthenticationPlan.CreateAsync(target, context.Sink, cancellationToken);
        JumpWay? way = null;
        BlockedThreads.Reserve();
        try
        {
            way = await JumpWay.OpenAsync(target, context, cancellationToken);
            var client = await ConnectAsync(target, way, authentication, create, context, cancellationToken);
            context.Sink.Verbose(
                $"Connected to {target.Name} ({target.User}@{target.Endpoint}), cipher {client.ConnectionInfo.CurrentServerEncryption}."
            );
            return new SshConnection(target, client, authentication, way);
        }
        catch (Exception e)
        {
            BlockedThreads.Release();
            authentication.Dispose();
            var refusing = way?.RefusingHop;
            if (way is not null)
                await way.DisposeAsync();

            if (refusing is not null)
                throw ConnectErrors.ForwardingRefused(refusing, e);

            throw;
        }
    }

    private static async Task<BaseClient> ConnectAsync(
        SshTarget target,
        JumpWay way,
        AuthenticationPlan authentication,
        Func<ConnectionInfo, BaseClient> create,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        var hostKey = HostKeyCheck.For(target, context.Time);
        var info = new ConnectionInfo(way.Host, way.Port, target.User, authentication.Methods) { Timeout = target.ConnectTimeout };
        Algorithms.Arrange(info, hostKey);
        var client = create(info);
        client.HostKeyReceived += (_, e) => e.CanTrust = hostKey.Accept(e.HostKey, e.Certificate);
        client.KeepAliveInterval = target.KeepAlive;

        // Key exchange and login block their thread and heed no cancellation token, so they get a thread that can be left behind.
        var connecting = Task.Run(() => client.ConnectAsync(cancellationToken), CancellationToken.None);
        try
        {
            await connecting.WaitAsync(target.ConnectTimeout, cancellationToken);
            info.Timeout = AnswerLimit;
            if (client is SftpClient files)
                files.OperationTimeout = Timeout.InfiniteTimeSpan;

            SocketTuning.Apply(SshNetInternals.SocketOf(client), target.KeepAlive);
            return client;
        }
        catch (Exception e)
        {
            // Whatever it still does ends with the client's time limit; then the client is closed.
            _ = connecting.ContinueWith(_ => client.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
                throw;

            throw ConnectErrors.Explain(e, target, hostKey, authentication, serverAnswered: info.ServerVersion is not null);
        }
    }
}
