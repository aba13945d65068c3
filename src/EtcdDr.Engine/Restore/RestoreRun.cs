using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// A restore under way: its nodes, its journal, and the one way in which steps are run: journalled before and after, on all nodes at once,
/// failures gathered and named.
/// </summary>
internal sealed class RestoreRun(
    ClusterSession session,
    OperationContext context,
    RestoreJournalFile journal,
    IReadOnlyList<RestoreNode> nodes,
    RestoreOptions options,
    string activity
)
{
    public ClusterSession Session { get; } = session;

    public OperationContext Context { get; } = context;

    public RestoreJournalFile Journal { get; } = journal;

    public IReadOnlyList<RestoreNode> Nodes { get; } = nodes;

    /// <summary>The control planes of the nodes.</summary>
    public IReadOnlyList<ControlPlaneNode> ControlPlanes => Nodes.Select(n => n.ControlPlane).ToList();

    public RestoreOptions Options { get; } = options;

    public string Activity { get; } = activity;

    /// <summary>The lock under which all this is done; null where its loss would change nothing.</summary>
    public ClusterLock? Lock { get; init; }

    /// <summary>Control-plane nodes that were given up.</summary>
    public IReadOnlySet<string> Lost { get; } = journal.Current.Lost.ToHashSet(StringComparer.Ordinal);

    /// <summary>When the first apiserver was told to stop; null while none was.</summary>
    public DateTime? ApiStopped { get; set; }

    /// <summary>When the first apiserver was ready again.</summary>
    public DateTime? ApiReady { get; set; }

    /// <summary>The same operation on some of its nodes.</summary>
    public RestoreRun Only(IReadOnlyList<RestoreNode> some) =>
        new(Session, Context, Journal, some, Options, Activity)
        {
            Lock = Lock,
            ApiStopped = ApiStopped,
            ApiReady = ApiReady,
        };

    /// <summary>The node of this operation that a control plane belongs to.</summary>
    public RestoreNode Of(ControlPlaneNode node) => Nodes.First(n => n.Name == node.Name);

    /// <summary>The nodes of this operation that control planes belong to.</summary>
    public IReadOnlyList<RestoreNode> Of(IEnumerable<ControlPlaneNode> nodes) => [.. nodes.Select(Of)];

    /// <summary>Asks a node where the restore stands there.</summary>
    public async Task<NodeStanding> LookAsync(RestoreNode node, CancellationToken cancellationToken) =>
        await LookAsync(await Session.HostAsync(node.Node, cancellationToken), node.Journal, cancellationToken);

    /// <summary>Asks a node where a restore stands there.</summary>
    public static async Task<NodeStanding> LookAsync(Ssh.IRemoteHost host, JournalNode node, CancellationToken cancellationToken)
    {
        string FileOf(string part) => (node.Parts.FirstOrDefault(p => p.Name == part) ?? ControlPlanePart.Usual(part)).File;
        var look = RestoreCommands.Look.With(
            node.JournalDirectory,
            FileOf(ControlPlanePart.Etcd),
            node.WorkDirectory,
            node.WalWorkDirectory ?? string.Empty,
            FileOf(ControlPlanePart.ApiServer)
        );
        return NodeStanding.Parse(node.Name, (await host.RunAsync(look, cancellationToken)).Text);
    }

    /// <summary>Makes sure that the lock is still held on every node.</summary>
    /// <exception cref="EtcdDrException"><c>ClusterLocked</c>: somebody else holds it by now. Also where a node cannot be
    /// reached.</exception>
    public Task EnsureLockAsync(CancellationToken cancellationToken) => Lock?.EnsureAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>The same on the way back, where a node that is away is no reason to stop.</summary>
    /// <param name="except">Nodes that are known to be away.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="EtcdDrException"><c>ClusterLocked</c>: somebody else holds it by now.</exception>
    public Task KeepLockAsync(IReadOnlySet<string> except, CancellationToken cancellationToken) =>
        Lock?.KeepAsync(except, cancellationToken) ?? Task.CompletedTask;

    /// <summary>Runs a step on nodes at once.</summary>
    /// <returns>The nodes on which it failed, with the reasons; empty when all went well.</returns>
    public async Task<IReadOnlyDictionary<string, EtcdDrException>> TryOnNodesAsync(
        string phase,
        string name,
        IEnumerable<RestoreNode> on,
        Func<RestoreNode, CancellationToken, Task<string?>> work,
        CancellationToken cancellationToken
    )
    {
        var failures = new System.Collections.Concurrent.ConcurrentDictionary<string, EtcdDrException>(StringComparer.Ordinal);
        Show(phase, name, null);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Context.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            on,
            parallel,
            async (node, token) =>
            {
                try
                {
                    await StepAsync(phase, name, node.Name, ct => OnceMoreAfterLossAsync(node, work, ct), token);
                }
                catch (EtcdDrException e)
                {
                    failures[node.Name] = e;
                }
            }
        );
        return failures;
    }

    /// <summary>Writes the plan into a node's own journal, without the steps that were taken elsewhere.</summary>
    /// <param name="node">The node.</param>
    /// <param name="state">Where the restore stands on it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<string?> WriteJournalAsync(RestoreNode node, RestoreState state, CancellationToken cancellationToken)
    {
        var host = await Session.HostAsync(node.Node, cancellationToken);
        var text = (Journal.Current with { Steps = [], State = state }).ToJson();
        await host.RunAsync(
            RestoreCommands.WriteJournal.With(node.Journal.JournalDirectory, state.ToString(), $"{text.Length}"),
            cancellationToken,
            text
        );
        return null;
    }

    /// <summary>Runs a step on nodes at once; fails if it fails on any, after all have ended.</summary>
    public async Task OnNodesAsync(
        string phase,
        string name,
        IEnumerable<RestoreNode> on,
        Func<RestoreNode, CancellationToken, Task<string?>> work,
        CancellationToken cancellationToken
    )
    {
        var failures = await TryOnNodesAsync(phase, name, on, work, cancellationToken);
        if (failures.Count > 0)
        {
            throw StepFailed(name, failures);
        }
    }

    /// <summary>Runs a step of the cluster as a whole.</summary>
    public Task OnceAsync(string phase, string name, Func<CancellationToken, Task<string?>> work, CancellationToken cancellationToken) =>
        StepAsync(phase, name, null, work, cancellationToken);

    /// <summary>Records where the restore stands: beside the snapshot, and on those nodes that answer.</summary>
    /// <returns>The nodes that could not be told.</returns>
    public async Task<IReadOnlyDictionary<string, EtcdDrException>> RecordAsync(
        RestoreState state,
        IEnumerable<RestoreNode> on,
        CancellationToken cancellationToken
    )
    {
        await Journal.ChangeAsync(j => j with { State = state }, cancellationToken);
        return await TryOnNodesAsync(
            "Journal",
            StepNames.State,
            on,
            async (node, ct) =>
            {
                var host = await Session.HostAsync(node.Node, ct);
                await host.RunAsync(RestoreCommands.WriteState.With(node.Journal.JournalDirectory, state.ToString()), ct);
                return state.ToString();
            },
            cancellationToken
        );
    }

    /// <summary>One error for a step that failed on some nodes: it names each node and why.</summary>
    public static EtcdDrException StepFailed(string step, IReadOnlyDictionary<string, EtcdDrException> failures)
    {
        var first = failures.OrderBy(f => f.Key, StringComparer.Ordinal).First();
        var reasons = string.Join(
            " ",
            failures
                .OrderBy(f => f.Key, StringComparer.Ordinal)
                .Select(f => Errors.RestoreStepFailed_Node_Part.With(f.Key, f.Value.Message))
        );
        return new EtcdDrException(
            "RestoreStepFailed",
            first.Value.Category,
            Errors.RestoreStepFailed.With(step, failures.Count, reasons),
            first.Value.RecommendedAction,
            first.Key,
            first.Value
        );
    }

    // Every step can be run again at any point of its own work, so a connection that broke is worth one new one.
    private async Task<string?> OnceMoreAfterLossAsync(
        RestoreNode node,
        Func<RestoreNode, CancellationToken, Task<string?>> work,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await work(node, cancellationToken);
        }
        catch (EtcdDrException e) when (e.ErrorId == "ConnectionLost")
        {
            Context.Sink.Verbose($"The connection to node '{node.Name}' broke ({e.Message}); connecting again.");
            await Session.ForgetAsync(node.Node);
            return await work(node, cancellationToken);
        }
    }

    private async Task StepAsync(
        string phase,
        string name,
        string? node,
        Func<CancellationToken, Task<string?>> work,
        CancellationToken cancellationToken
    )
    {
        var started = Context.Time.GetUtcNow().UtcDateTime;
        var begun = new RestoreStepResult(phase, name, node, started, null, "Begun", null);
        Show(phase, name, node);
        await Journal.ChangeAsync(j => j with { Steps = [.. j.Steps, begun] }, cancellationToken);
        try
        {
            var message = await work(cancellationToken);
            await EndAsync(begun, "Done", message);
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException)
        {
            await EndAsync(begun, "Failed", e is EtcdDrException ? e.Message : "The operation was stopped.");
            throw;
        }
    }

    private void Show(string phase, string name, string? node) =>
        Context.Sink.Progress(
            new ProgressUpdate(Activity, node, $"{phase}: {name}") { Percent = node is null ? RestoreProgress.At(phase, name) : null }
        );

    private async Task EndAsync(RestoreStepResult begun, string outcome, string? message)
    {
        var ended = begun with { Finished = Context.Time.GetUtcNow().UtcDateTime, Outcome = outcome, Message = message };
        var where = begun.Node is null ? string.Empty : $" on {begun.Node}";
        Context.Sink.Verbose(
            $"{begun.Phase}: {begun.Name}{where}: {outcome} after {ended.Duration!.Value.TotalSeconds:F1} "
                + $"s{(message is null ? string.Empty : $" ({message})")}."
        );
        await Journal.ChangeAsync(
            j => j with { Steps = j.Steps.Select(s => ReferenceEquals(s, begun) ? ended : s).ToList() },
            CancellationToken.None
        );
    }
}
