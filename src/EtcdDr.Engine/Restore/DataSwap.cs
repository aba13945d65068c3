using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>Runs the commands that swap data and keys on a node, in either direction.</summary>
internal static class DataSwap
{
    /// <summary>Swaps (or swaps back) the data directories of a node.</summary>
    /// <exception cref="EtcdDrException"><c>DatabaseInUse</c>: a process still holds the live database.</exception>
    public static async Task RunAsync(
        IRemoteHost host,
        JournalNode node,
        string step,
        RemoteCommand command,
        CancellationToken cancellationToken
    )
    {
        string[] arguments =
        [
            node.JournalDirectory,
            step,
            .. node.Units.SelectMany(u => new[] { u.Parent, u.Entry, u.Staged, u.Previous }),
        ];
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
