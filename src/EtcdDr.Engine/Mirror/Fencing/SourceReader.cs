using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Mirror.Fencing;

/// <summary>Asks the cluster that a snapshot came from whether it still acts, in a few seconds: before a restore elsewhere it is mostly
/// gone.</summary>
internal static class SourceReader
{
    private const string Ready = "/readyz";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private static readonly (string Name, string Path)[] Lists =
    [
        ("leases.coordination.k8s.io", "/apis/coordination.k8s.io/v1/leases"),
        ("endpoints", "/api/v1/namespaces/default/endpoints"),
    ];

    /// <summary>Asks it. A source that cannot be asked is told by the facts, not thrown.</summary>
    public static async Task<SiteFacts> ReadAsync(EtcdCluster source, OperationContext context, CancellationToken cancellationToken)
    {
        var site = new SiteFacts
        {
            Name = source.Name,
            Nodes = [],
            Server = source.Server,
            IsLive = true,
            ReadAt = context.Time.GetUtcNow().UtcDateTime,
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await using var api = await KubeApi.ConnectAsync(source, limit.Token);
            await api.GetTextAsync(Ready, limit.Token);
            return site with { Objects = await ListAsync(api, limit.Token) };
        }
        catch (EtcdDrException e)
        {
            return site with { ApiFailure = e };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return site with { ApiFailure = NoAnswer(source) };
        }
    }

    private static async Task<IReadOnlyDictionary<string, IReadOnlyList<JsonObject>>> ListAsync(
        KubeApi api,
        CancellationToken cancellationToken
    )
    {
        var objects = new Dictionary<string, IReadOnlyList<JsonObject>>(StringComparer.Ordinal);
        foreach (var (name, path) in Lists)
        {
            var items = new List<JsonObject>();
            try
            {
                await foreach (var item in api.ListAsync(path, cancellationToken: cancellationToken))
                {
                    items.Add(item);
                }

                objects[name] = items;
            }
            catch (EtcdDrException e) when (e.ErrorId is "KubeApiForbidden" or "KubeApiNotFound")
            {
                // It answers; what may not be read is not known.
            }
        }

        return objects;
    }

    private static EtcdDrException NoAnswer(EtcdCluster source) =>
        new(
            "KubeApiUnreachable",
            EtcdDrErrorCategory.ConnectionError,
            Errors.KubeApiUnreachable.With(source.Server, Ready, Errors.KubeApiUnreachable_NoAnswer_Part.With(Limit.TotalSeconds)),
            Errors.KubeApiUnreachable_Action,
            source.Name
        );
}
