using System.Security.Cryptography;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Trust;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Gets each node the program that builds its member. One without it (its image's files are out of reach, or of another version) gets it
/// from a node that has it; where none has any, from this machine.
/// </summary>
/// <param name="run">The nodes.</param>
/// <param name="tools">Who has what.</param>
internal sealed class ToolDelivery(RestoreRun run, RestoreTools tools)
{
    /// <summary>The program of a node, brought into a work directory where it was not on the node.</summary>
    public async Task<EtcdProgram> GetAsync(RestoreNode node, string workDirectory, CancellationToken cancellationToken)
    {
        if (tools.Own.TryGetValue(node.Name, out var own))
        {
            return own;
        }

        var host = await run.Session.HostAsync(node.Node, cancellationToken);
        using var content = new MemoryStream();
        if (!tools.Givers.TryGetValue(node.Name, out var giver) && run.Session.Cluster.Etcd.UploadTool is { } local)
        {
            // It will run as root on the node.
            FileTrust.Require(local);
            await using var file = File.OpenRead(local);
            await file.CopyToAsync(content, cancellationToken);
            var name = Path.GetFileName(local).Contains("etcdctl", StringComparison.Ordinal) ? "etcdctl" : "etcdutl";
            await UploadAsync(host, node, workDirectory, name, content, cancellationToken);
            return await UploadedAsync(host, node, workDirectory, name, local, cancellationToken);
        }

        giver ??= tools.Own.Keys.First();
        var theirs = tools.Own[giver];
        var there = run.Nodes.First(n => n.Name == giver);
        var from = await run.Session.HostAsync(there.Node, cancellationToken);
        await from.ReadAsync(
            ProgramCommands.Read.With(there.Facts.RuntimeEndpoint, theirs.Source.Text, theirs.Name),
            content,
            cancellationToken
        );
        await UploadAsync(host, node, workDirectory, theirs.Name, content, cancellationToken);
        return theirs with { Source = ProgramSource.Held };
    }

    private static async Task UploadAsync(
        IRemoteHost host,
        RestoreNode node,
        string workDirectory,
        string name,
        MemoryStream content,
        CancellationToken cancellationToken
    )
    {
        var sum = Convert.ToHexString(SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length))).ToLowerInvariant();
        content.Position = 0;
        var received = await host.WriteAsync(RestoreCommands.ReceiveTool.With(workDirectory, name, sum), content, cancellationToken);
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
        string workDirectory,
        string name,
        string local,
        CancellationToken cancellationToken
    )
    {
        var path = $"{workDirectory}/tool/{name}";
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
}
