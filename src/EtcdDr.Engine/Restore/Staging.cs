using System.Globalization;
using System.Security.Cryptography;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Trust;

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

    private async Task<string?> WriteJournalAsync(RestoreNode node, CancellationToken cancellationToken)
    {
        var host = await run.Session.HostAsync(node.Node, cancellationToken);
        var state = prepared.Earlier?.State ?? RestoreState.Staging;
        var journal = run.Journal.Current with { Steps = [], State = state };
        var text = journal.ToJson();
        await host.RunAsync(
            RestoreCommands.WriteJournal.With(node.Journal.JournalDirectory, state.ToString(), $"{text.Length}"),
            cancellationToken,
            text
        );
        return null;
    }

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
        var host = await run.Session.HostAsync(node.Node, cancellationToken);
        var tool = await ToolAsync(host, node, cancellationToken);
        var members = string.Join(",", run.Nodes.SelectMany(n => n.Journal.PeerUrls.Select(url => $"{n.Journal.MemberName}={url}")));
        var walUnit = node.Journal.Units.Count > 1 ? node.Journal.Units[1] : null;
        var walStage = walUnit is null || walUnit.Entry == "*" ? "staged" : $"staged/{walUnit.Entry}";
        var built = await host.RunAsync(
            RestoreCommands.Build.With(
                node.Journal.JournalDirectory,
                StepNames.Build,
                node.Journal.WorkDirectory,
                node.Facts.RuntimeEndpoint,
                tool.Source.Text,
                tool.Name,
                node.Facts.Programs.HasJail ? "jail" : "root",
                node.Journal.MemberName,
                members,
                prepared.Token,
                string.Join(",", node.Journal.PeerUrls),
                tool.BumpsRevision ? prepared.RaiseRevisionBy.ToString(CultureInfo.InvariantCulture) : "plain",
                node.Journal.DataDirectory,
                node.Journal.WalWorkDirectory ?? string.Empty,
                walStage
            ),
            cancellationToken
        );
        return $"{tool.Place} {tool.Version}, {built.Text.Trim()}";
    }

    // A node without a tool (its image's files are out of reach) gets one: from this machine if the profile names it, else from a node that
    // has it.
    private async Task<EtcdProgram> ToolAsync(IRemoteHost host, RestoreNode node, CancellationToken cancellationToken)
    {
        if (prepared.Tools.TryGetValue(node.Name, out var own))
        {
            return own;
        }

        using var content = new MemoryStream();
        if (run.Session.Cluster.Etcd.UploadTool is { } local)
        {
            // It will run as root on the node.
            FileTrust.Require(local);
            await using var file = File.OpenRead(local);
            await file.CopyToAsync(content, cancellationToken);
            var name = Path.GetFileName(local).Contains("etcdctl", StringComparison.Ordinal) ? "etcdctl" : "etcdutl";
            await UploadAsync(host, node, name, content, cancellationToken);
            return await UploadedAsync(host, node, name, local, cancellationToken);
        }

        var (giver, theirs) = prepared.Tools.First();
        var there = run.Nodes.First(n => n.Name == giver);
        var from = await run.Session.HostAsync(there.Node, cancellationToken);
        await from.ReadAsync(
            ProgramCommands.Read.With(there.Facts.RuntimeEndpoint, theirs.Source.Text, theirs.Name),
            content,
            cancellationToken
        );
        await UploadAsync(host, node, theirs.Name, content, cancellationToken);
        return theirs with { Source = ProgramSource.Held };
    }

    private static async Task UploadAsync(
        IRemoteHost host,
        RestoreNode node,
        string name,
        MemoryStream content,
        CancellationToken cancellationToken
    )
    {
        var sum = Convert.ToHexString(SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length))).ToLowerInvariant();
        content.Position = 0;
        var received = await host.WriteAsync(
            RestoreCommands.ReceiveTool.With(node.Journal.WorkDirectory, name, sum),
            content,
            cancellationToken
        );
        if (received.ExitStatus != 0)
        {
            throw new EtcdDrException(
                "ToolDamagedInTransit",
                EtcdDrErrorCategory.InvalidData,
                Errors.ToolDamagedInTransit.With(name, node.Name),
                Errors.ToolDamagedInTransit_Action,
                node.Name
            );
        }
    }

    private static async Task<EtcdProgram> UploadedAsync(
        IRemoteHost host,
        RestoreNode node,
        string name,
        string local,
        CancellationToken cancellationToken
    )
    {
        var path = $"{node.Journal.WorkDirectory}/tool/{name}";
        var look = await NodePrograms.ReadAsync(host, null, null, node.Facts.RuntimeEndpoint, path, cancellationToken);
        var found =
            look.Programs.FirstOrDefault(p =>
                p.Source.IsFile && p.Source.Text.EndsWith($"/tool/{name}", StringComparison.Ordinal) && p.Restores
            )
            ?? throw new EtcdDrException(
                "RestoreToolInvalid",
                EtcdDrErrorCategory.InvalidArgument,
                Errors.RestoreToolInvalid.With(local, node.Name),
                Errors.RestoreToolInvalid_Action,
                node.Name
            );
        return found with { Source = ProgramSource.Held };
    }

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
