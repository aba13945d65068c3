using System.Globalization;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdDr.Lab.Seed;

/// <summary><c>seed</c>: fills the etcd on localhost with Kubernetes-like objects up to a size. Started by the lab in a network namespace
/// with that etcd.</summary>
internal static class SeedCommand
{
    private const int BatchBytes = 1 << 20;
    private const int BatchOperations = 100;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    public static LabCommand Command { get; } = new("seed", "BYTES", "(internal) fills the etcd on localhost with objects", RunAsync);

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var bytes = long.Parse(args[0], CultureInfo.InvariantCulture);
        using var channel = GrpcChannel.ForAddress("http://127.0.0.1:2379");
        var client = new KV.KVClient(channel);
        await WaitAsync(client, cancellationToken);
        if (bytes == 0)
        {
            return 0;
        }

        var batch = new TxnRequest();
        long total = 0;
        var pending = 0;
        foreach (var (key, value) in SeedObjects.Generate(bytes))
        {
            batch.Success.Add(
                new RequestOp
                {
                    RequestPut = new PutRequest { Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFrom(value) },
                }
            );
            pending += value.Length;
            total += value.Length;
            if (pending >= BatchBytes || batch.Success.Count >= BatchOperations)
            {
                await client.TxnAsync(batch, cancellationToken: cancellationToken);
                batch = new TxnRequest();
                pending = 0;
            }
        }

        await client.TxnAsync(batch, cancellationToken: cancellationToken);
        return 0;
    }

    private static async Task WaitAsync(KV.KVClient client, CancellationToken cancellationToken)
    {
        for (var deadline = DateTime.UtcNow + StartLimit; ; await Task.Delay(50, cancellationToken))
        {
            try
            {
                await client.RangeAsync(new RangeRequest { Key = ByteString.CopyFromUtf8("health") }, cancellationToken: cancellationToken);
                return;
            }
            catch (RpcException failure)
                when (failure.StatusCode is StatusCode.Unavailable or StatusCode.Internal && DateTime.UtcNow < deadline)
            {
                // etcd is still starting.
            }
        }
    }
}
