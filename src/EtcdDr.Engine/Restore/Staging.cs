using System.Security.Cryptography;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Phase 2: brings the database to every control-plane node and builds the new data beside the live data, while the API is up. What fails
/// here leaves the live cluster as it was and is cleaned away.
/// </summary>
internal sealed class Staging(PreparedRestore prepared, RestoreRun run, string attempt)
{
    private const string Phase = "Stage";

    private IReadOnlyList<RestoreNode> Missing => run.Nodes.Where(n => !prepared.Staged.Contains(n.Name)).ToList();

    /// <summary>Carries it out; a stage of the same snapshot that lies ready is used.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await run.OnNodesAsync(Phase, StepNames.Journal, run.Nodes, WriteJournalAsync, cancellationToken);
            await KeepConfigurationAsync(cancellationToken);
            await new DatabaseShipping(prepared, run, Phase, Missing).RunAsync(cancellationToken);
            await run.OnNodesAsync(Phase, StepNames.Build, Missing, BuildAsync, cancellationToken);
            await run.OnNodesAsync(Phase, StepNames.StageKeys, run.Nodes, StageKeysAsync, cancellationToken);
            await RemoveOldStagesAsync(cancellationToken);
            if (prepared.Earlier is null)
            {
                var failures = await run.RecordAsync(RestoreState.Staged, run.Nodes, cancellationToken);
                if (failures.Count > 0)
                {
                    throw RestoreRun.StepFailed(StepNames.State, failures);
                }
            }
        }
        catch (Exception e) when (e is EtcdDrException or OperationCanceledException && prepared.Earlier is null)
        {
            await CleanAsync();
            throw;
        }
    }

    private Task<string?> WriteJournalAsync(RestoreNode node, CancellationToken cancellationToken) =>
        run.WriteJournalAsync(node, prepared.Earlier?.State ?? RestoreState.Staging, cancellationToken);

    // What the playbook keeps beside the backup: the configuration of every control-plane node before the restore. It holds keys, so it is
    // as private as the snapshot, and sealed where that is.
    private async Task KeepConfigurationAsync(CancellationToken cancellationToken)
    {
        await run.OnNodesAsync(
            Phase,
            StepNames.KeepConfiguration,
            run.Nodes,
            async (node, ct) =>
            {
                var host = await run.Session.HostAsync(node.Node, ct);
                using var archive = new MemoryStream();
                await host.ReadAsync(RestoreCommands.ArchiveConfiguration, archive, ct);
                await prepared.Snapshot.KeepAsync(
                    $"{attempt}/{KeptFiles.Configuration}/{node.Name}/etc-kubernetes.tar.gz",
                    archive.GetBuffer().AsMemory(0, (int)archive.Length),
                    ct
                );
                CryptographicOperations.ZeroMemory(archive.GetBuffer());
                return null;
            },
            cancellationToken
        );
    }

    private async Task<string?> BuildAsync(RestoreNode node, CancellationToken cancellationToken)
    {
        var tool = await new ToolDelivery(run, prepared.Tools).GetAsync(node, node.Journal.WorkDirectory, cancellationToken);
        var build = new MemberBuild(run.Nodes.Select(n => n.Journal), prepared.Token, Raises(tool) ? prepared.RaiseRevisionBy : null);
        var host = await run.Session.HostAsync(node.Node, cancellationToken);
        return await build.RunAsync(
            host,
            node,
            tool,
            StepNames.Build,
            node.Journal.WorkDirectory,
            node.Journal.WalWorkDirectory,
            cancellationToken
        );
    }

    // All members are raised alike, or none is: a part of them would be another past than the rest.
    private bool Raises(EtcdProgram tool) => prepared.Tools.Own.Count == 0 ? tool.BumpsRevision : prepared.Tools.Raise;

    private async Task<string?> StageKeysAsync(RestoreNode node, CancellationToken cancellationToken)
    {
        var host = await run.Session.HostAsync(node.Node, cancellationToken);
        foreach (var key in prepared.Keys.Where(k => k.LivePath.ContainsKey(node.Name)))
        {
            var content = await prepared.Snapshot.ReadFileAsync(key.SnapshotPath, cancellationToken);
            await host.RunAsync(
                RestoreCommands.StageKey.With(node.Journal.JournalDirectory, key.Name, $"{content.Length}"),
                cancellationToken,
                content
            );
            CryptographicOperations.ZeroMemory(content);
        }

        return null;
    }

    private async Task RemoveOldStagesAsync(CancellationToken cancellationToken)
    {
        foreach (var old in prepared.OldStages)
        {
            var node = run.Nodes.First(n => n.Name == old.Node);
            var layout = old.Journal.Nodes.FirstOrDefault(n => n.Name == old.Node);
            if (layout is null)
            {
                continue;
            }

            var host = await run.Session.HostAsync(node.Node, cancellationToken);
            await host.RunAsync(
                RestoreCommands.RemoveStage.With(old.Directory, layout.WorkDirectory, layout.WalWorkDirectory ?? string.Empty),
                cancellationToken
            );
            run.Context.Sink.Verbose($"The older stage {old.Journal.Id} on node '{old.Node}' was removed.");
        }
    }

    private async Task CleanAsync()
    {
        using var limit = RestoreOperation.CleanUpToken(run.Options);
        var failures = await run.TryOnNodesAsync(
            Phase,
            StepNames.RemoveStage,
            Missing,
            async (node, ct) =>
            {
                var host = await run.Session.HostAsync(node.Node, ct);
                await host.RunAsync(
                    RestoreCommands.RemoveStage.With(
                        node.Journal.JournalDirectory,
                        node.Journal.WorkDirectory,
                        node.Journal.WalWorkDirectory ?? string.Empty
                    ),
                    ct
                );
                return null;
            },
            limit.Token
        );
        foreach (var (node, why) in failures)
        {
            run.Context.Sink.Warning(
                $"Staged files on node '{node}' could not be removed: {why.Message} The next restore of this snapshot, or "
                    + "Remove-EtcdStage, removes them."
            );
        }

        await run.Journal.ChangeAsync(j => j with { State = RestoreState.Failed }, limit.Token);
    }
}
