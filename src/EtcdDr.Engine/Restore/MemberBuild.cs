using System.Globalization;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>Builds members of one new etcd out of a database that lies in each node's work directory.</summary>
/// <param name="members">All members.</param>
/// <param name="token">The initial-cluster token.</param>
/// <param name="raiseBy">By how much revisions are raised; null to leave them.</param>
internal sealed class MemberBuild(IEnumerable<JournalNode> members, string token, long? raiseBy)
{
    private readonly string _members = string.Join(",", members.SelectMany(n => n.PeerUrls.Select(url => $"{n.MemberName}={url}")));

    /// <summary>Builds the member of one node.</summary>
    /// <returns>What was used and what came of it, in words.</returns>
    public async Task<string> RunAsync(
        IRemoteHost host,
        RestoreNode node,
        EtcdProgram tool,
        string step,
        string workDirectory,
        string? walWorkDirectory,
        CancellationToken cancellationToken
    )
    {
        var walUnit = node.Journal.Units.Count > 1 ? node.Journal.Units[1] : null;
        var walStage = walUnit is null || walUnit.Entry == "*" ? "staged" : $"staged/{walUnit.Entry}";
        var built = await host.RunAsync(
            RestoreCommands.Build.With(
                node.Journal.JournalDirectory,
                step,
                workDirectory,
                node.Facts.RuntimeEndpoint,
                tool.Source.Text,
                tool.Name,
                node.Facts.Programs.HasJail ? "jail" : "root",
                node.Journal.MemberName,
                _members,
                token,
                string.Join(",", node.Journal.PeerUrls),
                raiseBy?.ToString(CultureInfo.InvariantCulture) ?? "plain",
                node.Journal.DataDirectory,
                walWorkDirectory ?? string.Empty,
                walStage
            ),
            cancellationToken
        );
        return $"{tool.Place} {tool.Version}, {built.Text.Trim()}";
    }
}
