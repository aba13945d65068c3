using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>Runs the commands that swap data and keys on a node, in either direction.</summary>
internal static class DataSwap
{
    /// <summary>Swaps (or swaps back) the data directories of a node.</summary>
    /// <exception cref="EtcdDrException"><c>DatabaseInUse</c>: a process still holds the live database.</exception>
    public static Task RunAsync(
        IRemoteHost host,
        JournalNode node,
        string step,
        RemoteCommand command,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            host,
            node,
            [node.JournalDirectory, step, .. node.Units.SelectMany(u => new[] { u.Parent, u.Entry, u.Staged, u.Previous })],
            command,
            cancellationToken
        );

    private static async Task RunAsync(
        IRemoteHost host,
        JournalNode node,
        string[] arguments,
        RemoteCommand command,
        CancellationToken cancellationToken
    )
    {
        var result = await host.RunAsync(command.With(arguments), cancellationToken);
        if (result.ExitStatus == 75)
        {
            throw new EtcdDrException(
                "DatabaseInUse",
                EtcdDrErrorCategory.ResourceBusy,
                Errors.DatabaseInUse.With(node.Name, node.DataDirectory),
                Errors.DatabaseInUse_Action.With(node.DataDirectory),
                node.Name
            );
        }
    }

    /// <summary>Puts the previous data of a node back as it was built anew, with raised revisions; the previous data itself is
    /// kept.</summary>
    /// <exception cref="EtcdDrException"><c>DatabaseInUse</c>.</exception>
    public static Task RaisedAsync(IRemoteHost host, JournalNode node, string step, CancellationToken cancellationToken)
    {
        string[] raised = [node.RaisedDirectory, node.WalRaisedDirectory ?? string.Empty];
        return RunAsync(
            host,
            node,
            [
                node.JournalDirectory,
                step,
                .. node.Units.SelectMany((u, i) => new[] { u.Parent, u.Entry, u.Staged, u.Previous, raised[i] + "/staged" }),
            ],
            RestoreCommands.ReturnRaised,
            cancellationToken
        );
    }

    /// <summary>Swaps (or swaps back) the key files of a node.</summary>
    public static async Task KeysAsync(
        IRemoteHost host,
        JournalNode node,
        string step,
        RemoteCommand command,
        CancellationToken cancellationToken
    )
    {
        if (node.Keys.Count == 0)
        {
            return;
        }

        string[] arguments = [node.JournalDirectory, step, .. node.Keys.SelectMany(k => new[] { k.LivePath, k.Name })];
        await host.RunAsync(command.With(arguments), cancellationToken);
    }
}
