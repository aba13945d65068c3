using System.Globalization;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Mvccpb;

namespace EtcdDr.Lab.ApiServer;

/// <summary>The objects of the API in the node's real etcd, as JSON (the real one's --storage-media-type=application/json).</summary>
internal sealed class EtcdStore : IObjectStore, IDisposable
{
    // As the real one asks etcd for (storage.maxLimit is 10,000 there): a kind's objects may be more than this process has memory for.
    private const int MostOfPage = 500;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly GrpcChannel channel;
    private readonly KV.KVClient kv;
    private readonly Watch.WatchClient watch;
    private readonly Lease.LeaseClient leases;
    private readonly Encryption encryption;

    public EtcdStore(Uri server, string? authorities, string? certificate, string? key, Encryption encryption)
    {
        this.encryption = encryption;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            ConnectTimeout = TimeSpan.FromSeconds(3),
        };
        if (authorities is not null)
        {
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Trust.Policy(Trust.Load(authorities)) };
            if (certificate is not null)
            {
                using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
                handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null)];
            }
        }

        channel = GrpcChannel.ForAddress(
            server,
            new GrpcChannelOptions
            {
                HttpHandler = handler,
                DisposeHttpClient = true,
                MaxReceiveMessageSize = null,
                MaxSendMessageSize = null,
                InitialReconnectBackoff = TimeSpan.FromSeconds(0.2),
                MaxReconnectBackoff = TimeSpan.FromSeconds(2),
            }
        );
        kv = new KV.KVClient(channel);
        watch = new Watch.WatchClient(channel);
        leases = new Lease.LeaseClient(channel);
    }

    public void Dispose() => channel.Dispose();

    /// <summary>A linearizable read, as /readyz does it.</summary>
    public async Task CheckAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        await kv.RangeAsync(
            new RangeRequest { Key = Bytes("/registry/health") },
            deadline: DateTime.UtcNow + limit,
            cancellationToken: cancellationToken
        );

    public async Task<long> RevisionAsync(CancellationToken cancellationToken) =>
        await CallAsync(async () =>
        {
            var answer = await kv.RangeAsync(
                new RangeRequest { Key = Bytes("/registry/health"), KeysOnly = true },
                deadline: Deadline,
                cancellationToken: cancellationToken
            );
            return answer.Header.Revision;
        });

    public Task<Stored?> GetAsync(Resource resource, string key, CancellationToken cancellationToken) =>
        CallAsync(async () =>
        {
            var answer = await kv.RangeAsync(
                new RangeRequest { Key = Bytes(key) },
                deadline: Deadline,
                cancellationToken: cancellationToken
            );
            return answer.Kvs.Count == 0 ? null : Read(resource, answer.Kvs[0]);
        });

    /// <summary>The next objects from <paramref name="start"/> to the end of <paramref name="prefix"/>, no more than
    /// <paramref name="limit"/> if that is not 0; revision 0 is now.</summary>
    public Task<StoredPage> PageAsync(
        Resource resource,
        string prefix,
        string start,
        long limit,
        long revision,
        CancellationToken cancellationToken
    ) =>
        CallAsync(async () =>
        {
            var page = limit == 0 ? MostOfPage : Math.Min(limit, MostOfPage);
            var request = new RangeRequest
            {
                Key = Bytes(start),
                RangeEnd = Bytes(EndOf(prefix)),
                Limit = page,
                Revision = revision,
            };
            var answer = await kv.RangeAsync(
                request,
                deadline: DateTime.UtcNow + TimeSpan.FromSeconds(30),
                cancellationToken: cancellationToken
            );
            var items = answer.Kvs.Select(i => Read(resource, i)).OfType<Stored>().ToArray();
            var at = revision > 0 ? revision : answer.Header.Revision;
            return new StoredPage(
                items,
                at,
                answer.More,
                answer.Count - answer.Kvs.Count,
                answer.Kvs.Count == 0 ? null : answer.Kvs[^1].Key.ToStringUtf8()
            );
        });

    /// <summary>All objects of a prefix at one revision, page by page: at least one page.</summary>
    public async IAsyncEnumerable<StoredPage> PagesAsync(
        Resource resource,
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var page = await PageAsync(resource, prefix, prefix, 0, 0, cancellationToken);
        yield return page;
        while (page.More)
        {
            page = await PageAsync(resource, prefix, page.LastKey + "\0", 0, page.Revision, cancellationToken);
            yield return page;
        }
    }

    /// <summary>Writes if the key's revision is still <paramref name="expected"/> (0: not there); the new revision, or null when it is
    /// not.</summary>
    public Task<long?> PutAsync(
        Resource resource,
        string key,
        JsonObject value,
        long expected,
        CancellationToken cancellationToken,
        long lease = 0
    ) =>
        CallAsync<long?>(async () =>
        {
            var stored = value.Copy();
            if (stored["metadata"] is JsonObject metadata)
                metadata.Remove("resourceVersion");
            var bytes = encryption.Seal(resource, key, Json.Bytes(stored));
            var request = new TxnRequest();
            request.Compare.Add(Unchanged(key, expected));
            request.Success.Add(
                new RequestOp
                {
                    RequestPut = new PutRequest
                    {
                        Key = Bytes(key),
                        Value = UnsafeByteOperations.UnsafeWrap(bytes),
                        Lease = lease,
                    },
                }
            );
            var answer = await kv.TxnAsync(request, deadline: Deadline, cancellationToken: cancellationToken);
            return answer.Succeeded ? answer.Header.Revision : null;
        });

    public Task<bool> DeleteAsync(string key, long expected, CancellationToken cancellationToken) =>
        CallAsync(async () =>
        {
            var request = new TxnRequest();
            request.Compare.Add(Unchanged(key, expected));
            request.Success.Add(new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = Bytes(key) } });
            var answer = await kv.TxnAsync(request, deadline: Deadline, cancellationToken: cancellationToken);
            return answer.Succeeded;
        });

    /// <summary>Writes a key under a new lease, whatever it held.</summary>
    public Task PutLeasedAsync(string key, JsonObject value, TimeSpan life, CancellationToken cancellationToken) =>
        CallAsync(async () =>
        {
            var lease = await leases.LeaseGrantAsync(
                new LeaseGrantRequest { TTL = (long)life.TotalSeconds },
                deadline: Deadline,
                cancellationToken: cancellationToken
            );
            var put = new PutRequest
            {
                Key = Bytes(key),
                Value = ByteString.CopyFrom(Json.Bytes(value)),
                Lease = lease.ID,
            };
            return await kv.PutAsync(put, deadline: Deadline, cancellationToken: cancellationToken);
        });

    public Task RemoveAsync(string key, CancellationToken cancellationToken) =>
        CallAsync(async () =>
            await kv.DeleteRangeAsync(new DeleteRangeRequest { Key = Bytes(key) }, deadline: Deadline, cancellationToken: cancellationToken)
        );

    /// <summary>The last parts of the keys below a prefix.</summary>
    public Task<IReadOnlyList<string>> NamesAsync(string prefix, CancellationToken cancellationToken) =>
        CallAsync<IReadOnlyList<string>>(async () =>
        {
            var request = new RangeRequest
            {
                Key = Bytes(prefix),
                RangeEnd = Bytes(EndOf(prefix)),
                KeysOnly = true,
            };
            var answer = await kv.RangeAsync(request, deadline: Deadline, cancellationToken: cancellationToken);
            return [.. answer.Kvs.Select(k => k.Key.ToStringUtf8()[prefix.Length..])];
        });

    /// <summary>Changes after <paramref name="revision"/>, until etcd or the caller ends it; a compacted revision is a
    /// <see cref="StatusException"/> 410.</summary>
    public async IAsyncEnumerable<StoredChange> WatchAsync(
        Resource resource,
        string prefix,
        long revision,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var call = watch.Watch(cancellationToken: cancellationToken);
        var create = new WatchCreateRequest
        {
            Key = Bytes(prefix),
            RangeEnd = Bytes(EndOf(prefix)),
            StartRevision = revision + 1,
            PrevKv = true,
        };
        await call.RequestStream.WriteAsync(new WatchRequest { CreateRequest = create }, cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            var answer = call.ResponseStream.Current;
            if (answer.CompactRevision > 0)
                throw StatusException.Expired($"too old resource version: {revision} ({answer.CompactRevision})");
            if (answer.Canceled)
                throw new StatusException(500, "InternalError", $"watch canceled: {answer.CancelReason}");
            foreach (var change in answer.Events)
            {
                var before = change.PrevKv is null ? null : Read(resource, change.PrevKv);
                var after = change.Type == Event.Types.EventType.Put ? Read(resource, change.Kv) : null;
                yield return new StoredChange(before, after, change.Kv.ModRevision);
            }
        }
    }

    private Stored? Read(Resource resource, KeyValue item)
    {
        var key = item.Key.ToStringUtf8();
        var plain = encryption.Open(resource, key, item.Value.ToByteArray());
        try
        {
            if (JsonNode.Parse(plain) is not JsonObject value)
                return null;
            value.Make("metadata")["resourceVersion"] = item.ModRevision.ToString(CultureInfo.InvariantCulture);
            return new Stored(key, value, item.ModRevision);
        }
        catch (JsonException)
        {
            // Not of this apiserver's making, such as data that fills a database for a test: no object, as far as the API goes.
            return null;
        }
    }

    private static Compare Unchanged(string key, long revision) =>
        new()
        {
            Key = Bytes(key),
            Target = Compare.Types.CompareTarget.Mod,
            Result = Compare.Types.CompareResult.Equal,
            ModRevision = revision,
        };

    private static DateTime Deadline => DateTime.UtcNow + Limit;

    private static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);

    private static string EndOf(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);

    private static async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RpcException exception)
        {
            throw Translate(exception);
        }
    }

    private static StatusException Translate(RpcException exception)
    {
        var detail = exception.Status.Detail;
        return exception.StatusCode switch
        {
            StatusCode.DeadlineExceeded => new StatusException(
                504,
                "Timeout",
                "Timeout: request did not complete within requested timeout - context deadline exceeded"
            ),
            StatusCode.OutOfRange when detail.Contains("compacted", StringComparison.Ordinal) => StatusException.Expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new list without the "
                    + "continue parameter, or use the continue token in this response to retrieve the remainder of the results."
            ),
            StatusCode.InvalidArgument when detail.Contains("too large", StringComparison.Ordinal) => new StatusException(
                413,
                "RequestEntityTooLarge",
                "etcdserver: request is too large"
            ),
            StatusCode.Unavailable when detail.StartsWith("etcdserver", StringComparison.Ordinal) => new StatusException(
                500,
                "InternalError",
                detail
            ),
            _ => new StatusException(500, "InternalError", $"rpc error: code = {exception.StatusCode} desc = {detail}"),
        };
    }
}
