using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Ssh;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdDr.Engine.Etcd;

/// <summary>
/// A connection to one etcd member through SSH to its node, over gRPC with TLS from end to end. All methods may be called at the same time.
/// They throw <see cref="EtcdDrException"/>, naming node and endpoint: <c>EtcdUnreachable</c>, <c>EtcdTimeout</c>, <c>EtcdNoLeader</c>,
/// <c>EtcdCertificateInvalid</c>, <c>EtcdClientCertificateRefused</c>, <c>EtcdAccessDenied</c>, <c>EtcdRevisionUnavailable</c>,
/// <c>EtcdCallFailed</c>.
/// </summary>
public sealed class EtcdConnection : IHashedMember, IAsyncDisposable
{
    /// <summary>Limit for an ordinary call. etcd itself gives up on a request without a quorum after 7 seconds by default.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Limit for hashing a whole keyspace; etcd's own limit for a database is 8 GiB.</summary>
    private static readonly TimeSpan HashTimeout = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan[] RetryDelays = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400)];

    private const int MaxMessageSize = 64 * 1024 * 1024;
    private const int StreamWindow = 8 * 1024 * 1024;
    private const int PageSize = 5000;

    private readonly IForwardedPort _forward;
    private readonly EtcdCredentials? _credentials;
    private readonly EtcdServerTrust? _trust;
    private readonly GrpcChannel _channel;
    private readonly KV.KVClient _keyValue;
    private readonly Maintenance.MaintenanceClient _maintenance;
    private readonly Etcdserverpb.Cluster.ClusterClient _members;
    private readonly TimeProvider _time;

    private EtcdConnection(string node, Uri endpoint, IForwardedPort forward, EtcdCredentials? credentials, TimeProvider time)
    {
        Node = node;
        Endpoint = endpoint;
        _forward = forward;
        _credentials = credentials;
        _trust = credentials is null ? null : new EtcdServerTrust(credentials.Authorities, endpoint.DnsSafeHost);
        _time = time;
        _channel = GrpcChannel.ForAddress(
            endpoint,
            new GrpcChannelOptions
            {
                HttpHandler = CreateHandler(),
                DisposeHttpClient = true,
                MaxReceiveMessageSize = MaxMessageSize,
                MaxRetryAttempts = 1,
                ThrowOperationCanceledOnCancellation = true,
            }
        );
        _keyValue = new KV.KVClient(_channel);
        _maintenance = new Maintenance.MaintenanceClient(_channel);
        _members = new Etcdserverpb.Cluster.ClusterClient(_channel);
    }

    /// <summary>Name of the node that the member runs on.</summary>
    public string Node { get; }

    /// <summary>The member's client URL as the node itself sees it.</summary>
    public Uri Endpoint { get; }

    /// <summary>
    /// Prepares a connection to the member on a node: reads certificate and key over sudo into memory and opens a way through SSH. TLS
    /// itself is set up by the first call.
    /// </summary>
    /// <param name="session">The cluster's session.</param>
    /// <param name="node">The node.</param>
    /// <param name="configuration">What the node's etcd manifest says.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <param name="apiServer">What the node's kube-apiserver manifest says: it names the client certificate. Null where it is not at
    /// hand.</param>
    /// <exception cref="EtcdDrException">
    /// SSH failed; <c>EtcdCertificateNotFound</c>, <c>EtcdCertificateInvalid</c>, <c>EtcdClientCertificateMissing</c>.
    /// </exception>
    public static async Task<EtcdConnection> ConnectAsync(
        ClusterSession session,
        ClusterNode node,
        EtcdMemberConfiguration configuration,
        CancellationToken cancellationToken,
        ApiServerConfiguration? apiServer = null
    )
    {
        var host = await session.HostAsync(node, cancellationToken);
        var endpoint = EtcdEndpoint.ForNode(configuration, session.Cluster.Etcd.ClientPort);
        var credentials =
            endpoint.Scheme == Uri.UriSchemeHttps
                ? await EtcdCredentials.ReadAsync(host, configuration, apiServer, session.Context.Time, cancellationToken)
                : null;
        try
        {
            var forward = await host.ForwardAsync(endpoint.DnsSafeHost, endpoint.Port, cancellationToken);
            return new EtcdConnection(node.Name, endpoint, forward, credentials, session.Context.Time);
        }
        catch
        {
            credentials?.Dispose();
            throw;
        }
    }

    /// <summary>What the member says of itself. Answers without a quorum.</summary>
    public async Task<EtcdServerStatus> StatusAsync(CancellationToken cancellationToken)
    {
        var status = await CallAsync(o => _maintenance.StatusAsync(new StatusRequest(), o), CallTimeout, cancellationToken);
        var (alarms, errors) = EtcdStatusErrors.Split(status.Errors);
        return new EtcdServerStatus
        {
            Version = status.Version,
            ClusterId = status.Header.ClusterId,
            MemberId = status.Header.MemberId,
            LeaderId = status.Leader,
            IsLearner = status.IsLearner,
            DbSize = status.DbSize,
            DbSizeInUse = status.DbSizeInUse,
            Revision = status.Header.Revision,
            RaftTerm = status.RaftTerm,
            RaftIndex = status.RaftIndex,
            RaftAppliedIndex = status.RaftAppliedIndex,
            Alarms = alarms,
            Errors = errors,
        };
    }

    /// <summary>The members as this member knows them. Answers without a quorum, so it can be behind on a member that was cut
    /// off.</summary>
    public async Task<IReadOnlyList<EtcdMember>> MembersAsync(CancellationToken cancellationToken)
    {
        var reply = await CallAsync(o => _members.MemberListAsync(new MemberListRequest(), o), CallTimeout, cancellationToken);
        return reply.Members.Select(m => new EtcdMember(m.ID, m.Name, [.. m.PeerURLs], [.. m.ClientURLs], m.IsLearner)).ToList();
    }

    /// <summary>Adds a member that has no vote yet; etcd has one such member at a time. Its id is known before it starts.</summary>
    /// <param name="peerUrls">Where its peers will reach it.</param>
    /// <param name="cancellationToken">Stops waiting; whether it was added is then to be asked.</param>
    /// <exception cref="EtcdDrException"><c>EtcdMembershipRefused</c>, and those of every call.</exception>
    public async Task<ulong> AddLearnerAsync(IReadOnlyList<string> peerUrls, CancellationToken cancellationToken)
    {
        var request = new MemberAddRequest { IsLearner = true };
        request.PeerURLs.AddRange(peerUrls);
        var reply = await ChangeAsync(o => _members.MemberAddAsync(request, o), cancellationToken);
        return reply.Member.ID;
    }

    /// <summary>Gives a learner its vote. Refused while it lags behind the leader.</summary>
    /// <exception cref="EtcdDrException"><c>EtcdMembershipRefused</c>, and those of every call.</exception>
    public Task PromoteAsync(ulong member, CancellationToken cancellationToken) =>
        ChangeAsync(o => _members.MemberPromoteAsync(new MemberPromoteRequest { ID = member }, o), cancellationToken);

    /// <summary>Takes a member out.</summary>
    /// <exception cref="EtcdDrException"><c>EtcdMembershipRefused</c>, and those of every call.</exception>
    public Task RemoveMemberAsync(ulong member, CancellationToken cancellationToken) =>
        ChangeAsync(o => _members.MemberRemoveAsync(new MemberRemoveRequest { ID = member }, o), cancellationToken);

    /// <summary>
    /// Alarms of all members, agreed on by a quorum (etcd passes this request through raft). <see cref="StatusAsync"/> tells of alarms
    /// without one.
    /// </summary>
    public async Task<IReadOnlyList<EtcdAlarm>> AlarmsAsync(CancellationToken cancellationToken)
    {
        var request = new AlarmRequest { Action = AlarmRequest.Types.AlarmAction.Get };
        var reply = await CallAsync(o => _maintenance.AlarmAsync(request, o), CallTimeout, cancellationToken);
        return reply.Alarms.Select(a => new EtcdAlarm(a.MemberID, a.Alarm.ToString().ToUpperInvariant())).ToList();
    }

    /// <summary>Hash of the keyspace at a revision as this member has it. Learners do not answer it.</summary>
    /// <param name="revision">The revision; 0 for the member's current one.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<EtcdHash> HashKvAsync(long revision, CancellationToken cancellationToken)
    {
        var request = new HashKVRequest { Revision = revision };
        var reply = await CallAsync(o => _maintenance.HashKVAsync(request, o), HashTimeout, cancellationToken);
        return new EtcdHash(reply.Hash, reply.CompactRevision, reply.Header.Revision);
    }

    /// <summary>
    /// Hash of the whole backend of this member, all buckets. It differs between members and is meant for one member before and after
    /// something.
    /// </summary>
    public async Task<uint> HashAsync(CancellationToken cancellationToken)
    {
        var reply = await CallAsync(o => _maintenance.HashAsync(new HashRequest(), o), HashTimeout, cancellationToken);
        return reply.Hash;
    }

    /// <summary>Number of live keys at a revision, from this member alone (no quorum needed).</summary>
    /// <param name="revision">The revision; 0 for the current one.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<long> CountKeysAsync(long revision, CancellationToken cancellationToken)
    {
        var request = new RangeRequest
        {
            Key = Zero,
            RangeEnd = Zero,
            CountOnly = true,
            Serializable = true,
            Revision = revision,
        };
        var reply = await CallAsync(o => _keyValue.RangeAsync(request, o), HashTimeout, cancellationToken);
        return reply.Count;
    }

    /// <summary>Keys that begin with a prefix, in order, all as of one revision; values stay on the server.</summary>
    /// <param name="prefix">The prefix; empty for all keys.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    public async IAsyncEnumerable<string> KeysAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = prefix.Length == 0 ? Zero : ByteString.CopyFromUtf8(prefix);
        var end = EndOf(prefix);
        var revision = 0L;
        var more = true;
        while (more)
        {
            var request = new RangeRequest
            {
                Key = start,
                RangeEnd = end,
                KeysOnly = true,
                Limit = PageSize,
                Revision = revision,
            };
            var reply = await CallAsync(o => _keyValue.RangeAsync(request, o), CallTimeout, cancellationToken);
            foreach (var entry in reply.Kvs)
            {
                yield return entry.Key.ToStringUtf8();
            }

            more = reply.More && reply.Kvs.Count > 0;
            if (more)
            {
                revision = revision == 0 ? reply.Header.Revision : revision;
                start = ByteString.CopyFrom([.. reply.Kvs[^1].Key.Span, 0]);
            }
        }
    }

    /// <summary>A key with its value, agreed on by a quorum; null if it is not there.</summary>
    public async Task<EtcdKeyValue?> GetAsync(string key, CancellationToken cancellationToken)
    {
        var request = new RangeRequest { Key = ByteString.CopyFromUtf8(key) };
        var reply = await CallAsync(o => _keyValue.RangeAsync(request, o), CallTimeout, cancellationToken);
        var entry = reply.Kvs.FirstOrDefault();
        return entry is null ? null : new EtcdKeyValue(key, entry.Value.Memory, entry.CreateRevision, entry.ModRevision, entry.Version);
    }

    /// <summary>Removes a key.</summary>
    /// <returns>Whether it was there. After a connection that broke and was tried again, false can mean that the first attempt removed
    /// it.</returns>
    public async Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var request = new DeleteRangeRequest { Key = ByteString.CopyFromUtf8(key) };
        var reply = await CallAsync(o => _keyValue.DeleteRangeAsync(request, o), CallTimeout, cancellationToken);
        return reply.Deleted > 0;
    }

    /// <summary>
    /// Whether the member takes part in a working quorum: a linearizable read through it succeeds, as <c>etcdctl endpoint health</c> tests
    /// it. Does not throw for a member that is away or without a leader; a certificate that is not trusted is an error all the same.
    /// </summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _keyValue.RangeAsync(
                new RangeRequest { Key = ByteString.CopyFromUtf8("health") },
                Options(CallTimeout, cancellationToken)
            );
            return true;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.PermissionDenied)
        {
            // The quorum answered; it only keeps this key from us. etcdctl counts that as healthy too.
            return true;
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var error = ErrorOf(exception);
            return error.ErrorId is "EtcdUnreachable" or "EtcdTimeout" or "EtcdNoLeader" or "EtcdCallFailed" ? false : throw error;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// Streams a snapshot of the member's database to <paramref name="destination"/> as etcd sends it, its SHA-256 behind it, and proves it
    /// whole.
    /// </summary>
    /// <param name="destination">Receives the bytes; neither flushed nor closed here.</param>
    /// <param name="progress">Receives the bytes received so far.</param>
    /// <param name="cancellationToken">Stops the stream.</param>
    /// <exception cref="EtcdDrException">
    /// Besides the errors of every call: <c>SnapshotTruncated</c> (the stream ended early), <c>SnapshotDamaged</c> (etcd's own SHA-256 does
    /// not match), <c>SnapshotStalled</c> (nothing came for 30 seconds). What the destination throws passes through.
    /// </exception>
    public async Task<EtcdDatabaseStream> SnapshotAsync(Stream destination, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var call = _maintenance.Snapshot(new SnapshotRequest(), new CallOptions(cancellationToken: stop.Token));
        var receiver = new EtcdSnapshotReceiver(this, call, stop);
        return await receiver.ReceiveAsync(destination, progress, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _forward.DisposeAsync();
        _credentials?.Dispose();
    }

    internal EtcdDrException ErrorOf(RpcException exception) => EtcdErrors.From(exception, Node, Endpoint, _trust?.Refusal);

    private static readonly ByteString Zero = ByteString.CopyFrom(0);

    /// <summary>The first key behind all that begin with a prefix; a single zero byte means no end, in etcd's terms.</summary>
    private static ByteString EndOf(string prefix)
    {
        var bytes = ByteString.CopyFromUtf8(prefix).ToByteArray();
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            if (bytes[i] < 0xff)
            {
                bytes[i]++;
                return ByteString.CopyFrom(bytes, 0, i + 1);
            }
        }

        return Zero;
    }

    private SocketsHttpHandler CreateHandler()
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = CallTimeout,
            ConnectCallback = ConnectThroughForwardAsync,
            EnableMultipleHttp2Connections = false,
            InitialHttp2StreamWindowSize = StreamWindow,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        if (_credentials is not null && _trust is not null)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = Endpoint.DnsSafeHost,
                ClientCertificateContext = SslStreamCertificateContext.Create(
                    _credentials.Client,
                    additionalCertificates: null,
                    offline: true
                ),
                RemoteCertificateValidationCallback = _trust.Verify,
            };
        }

        return handler;
    }

    private async ValueTask<Stream> ConnectThroughForwardAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _forward.Port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private CallOptions Options(TimeSpan timeout, CancellationToken cancellationToken) =>
        new(deadline: _time.GetUtcNow().UtcDateTime + timeout, cancellationToken: cancellationToken);

    /// <summary>Runs a call with its own deadline; tries again where the member was away for a moment. All calls here can be
    /// repeated.</summary>
    private async Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, TimeSpan timeout, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var running = call(Options(timeout, cancellationToken));
                return await running.ResponseAsync;
            }
            catch (RpcException exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (attempt >= RetryDelays.Length || !EtcdErrors.IsTransient(exception) || _trust?.Refusal is not null)
                {
                    throw ErrorOf(exception);
                }
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The channel throws this for a call's own deadline as well.
                throw EtcdErrors.Late(Node, Endpoint, exception);
            }

            await Task.Delay(RetryDelays[attempt], _time, cancellationToken);
        }
    }

    /// <summary>Runs a call that changes the members, once: after a broken connection only a look at the member list tells whether it was
    /// done.</summary>
    private async Task<T> ChangeAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            using var running = call(Options(CallTimeout, cancellationToken));
            return await running.ResponseAsync;
        }
        catch (RpcException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw ErrorOf(exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw EtcdErrors.Late(Node, Endpoint, exception);
        }
    }
}
