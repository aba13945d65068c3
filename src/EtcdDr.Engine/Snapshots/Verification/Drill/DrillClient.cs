using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>Asks the throwaway etcd of a drill, at a loopback port of this machine (its own, or one that leads to a node).</summary>
internal sealed class DrillClient : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CallLimit = TimeSpan.FromMinutes(5);
    private readonly GrpcChannel _channel;

    internal DrillClient(int port, X509Certificate2 certificate)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [certificate],
                RemoteCertificateValidationCallback = (_, other, _, _) =>
                    other?.GetRawCertData().AsSpan().SequenceEqual(certificate.RawData) == true,
            },
            UseProxy = false,
        };
        _channel = GrpcChannel.ForAddress(
            $"https://127.0.0.1:{port}",
            new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true }
        );
    }

    /// <summary>Waits until it serves, then asks for HashKV and the number of keys.</summary>
    /// <param name="countKeys">Whether to ask for the number of keys: etcd's own users would keep it from us.</param>
    /// <param name="limit">How long in all.</param>
    /// <param name="ended">Says why the server has ended; null while it runs.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>DrillServerFailed</c>.</exception>
    internal async Task<DrillAnswer> AskAsync(
        bool countKeys,
        TimeSpan limit,
        Func<CancellationToken, Task<string?>> ended,
        CancellationToken cancellationToken
    )
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(limit);
        while (true)
        {
            try
            {
                if (await TryAskAsync(countKeys, bound.Token) is { } answer)
                {
                    return answer;
                }

                await Task.Delay(Poll, bound.Token);
            }
            catch (RpcException failure) when (failure.StatusCode == StatusCode.Unavailable && !bound.IsCancellationRequested)
            {
                if (await ended(bound.Token) is { } why)
                {
                    throw Failed(why, failure);
                }

                await Task.Delay(Poll, bound.Token);
            }
            catch (Exception failure)
                when (failure is RpcException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw Failed(await ended(CancellationToken.None) ?? Errors.DrillServerFailed_Late_Part.With(limit.TotalSeconds), failure);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    private static CallOptions Options(CancellationToken cancellationToken) =>
        new(deadline: DateTime.UtcNow + CallLimit, cancellationToken: cancellationToken);

    private static EtcdDrException Failed(string why, Exception failure) =>
        new(
            "DrillServerFailed",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.DrillServerFailed.With(why),
            Errors.DrillServerFailed_Action,
            null,
            failure
        );

    // Null while there is no leader: HashKV alone would answer before the member has applied its log.
    private async Task<DrillAnswer?> TryAskAsync(bool countKeys, CancellationToken cancellationToken)
    {
        var maintenance = new Maintenance.MaintenanceClient(_channel);
        var status = await maintenance.StatusAsync(new StatusRequest(), Options(cancellationToken));
        if (status.Leader == 0)
        {
            return null;
        }

        var hash = await maintenance.HashKVAsync(new HashKVRequest(), Options(cancellationToken));
        return new DrillAnswer(hash.Hash, hash.Header.Revision, countKeys ? await CountAsync(cancellationToken) : null);
    }

    private async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        var all = ByteString.CopyFrom(0);
        var answer = await new KV.KVClient(_channel).RangeAsync(
            new RangeRequest
            {
                Key = all,
                RangeEnd = all,
                CountOnly = true,
            },
            Options(cancellationToken)
        );
        return answer.Count;
    }
}
