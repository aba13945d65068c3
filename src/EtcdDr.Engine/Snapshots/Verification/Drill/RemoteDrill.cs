using System.Diagnostics;
using System.Globalization;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>
/// Proves on a node that a database restores, with the node's own etcd and restore tool, beside what the node does: one remote run receives
/// the database, restores it into a root-only directory and serves it on the node's loopback; HashKV and the number of keys are asked for
/// through SSH. The run lives on this side's heartbeat, so it ends and removes all that it made when this side or the connection does.
/// </summary>
internal sealed class RemoteDrill(ClusterSession session, string? nodeName, string? toolDirectory) : IDrill
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    /// <summary>The directory on nodes that drills make theirs in: usually the file system with the most space, and never one that lives in
    /// memory.</summary>
    internal string Root { get; init; } = "/var/lib/etcddr-drill";

    /// <inheritdoc/>
    public async Task RunAsync(DrillSubject subject, SnapshotFindings findings, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var host = await DrillHost.FindAsync(session, nodeName, cancellationToken);
            var tools = await RemoteDrillTools.FindAsync(
                host,
                subject.EtcdVersion,
                toolDirectory ?? session.Cluster.Etcd.ToolPath,
                cancellationToken
            );
            session.Context.Sink.Verbose(
                $"Drilling on {host.Name} with {tools.Restore.Place} and {tools.Server.Place} {tools.Server.Version}."
            );
            if (tools.WhyNoJail is { } why)
            {
                session.Context.Sink.Warning($"The drill's programs run as root on {host.Name}: {why}.");
            }

            var answer = await RunAsync(host, tools, subject, cancellationToken);
            answer.Report(subject, $" on node '{host.Name}' ({tools.Server.Version})", findings, started);
        }
        catch (EtcdDrException failure)
        {
            findings.Find(VerificationChecks.Drill, failure, started, nodeName);
        }
    }

    /// <summary>Restores on a host, serves and asks.</summary>
    internal async Task<DrillAnswer> RunAsync(
        IRemoteHost host,
        RemoteDrillTools tools,
        DrillSubject subject,
        CancellationToken cancellationToken
    )
    {
        var name = $"drill-{Guid.NewGuid():N}";
        var directory = $"{Root}/{name}";
        using var certificate = DrillCertificate.Create();
        await using var feed = new DrillFeed(certificate, Counted(subject, host.Name), session.Context.Time);
        using var giveUp = new CancellationTokenSource();
        var running = host.WriteAsync(Command(name, certificate, tools, subject), feed, giveUp.Token);
        try
        {
            var port = await ServingAsync(host, running, directory, cancellationToken);
            await using var forward = await host.ForwardAsync("127.0.0.1", port, cancellationToken);
            using var client = new DrillClient(forward.Port, certificate.Certificate);
            return await client.AskAsync(
                !subject.Expected.AuthEnabled,
                subject.Limit,
                ct => EndedAsync(host, running, directory, ct),
                cancellationToken
            );
        }
        finally
        {
            await EndAsync(host, running, feed, giveUp);
        }
    }

    private static async Task<int> ServingAsync(
        IRemoteHost host,
        Task<CommandResult> running,
        string directory,
        CancellationToken cancellationToken
    )
    {
        while (!running.IsCompleted)
        {
            var state = (await host.RunAsync(DrillCommands.State.With(directory), cancellationToken)).Text.Split('\n')[0].Split(' ');
            if (state is ["serving", var port])
            {
                return int.Parse(port, NumberStyles.None, CultureInfo.InvariantCulture);
            }

            await Task.WhenAny(running, Task.Delay(Poll, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        throw Refused(host.Name, await running);
    }

    private static async Task<string?> EndedAsync(
        IRemoteHost host,
        Task<CommandResult> running,
        string directory,
        CancellationToken cancellationToken
    )
    {
        if (running.IsCompleted)
        {
            await running;
            return Errors.DrillServerFailed_RunEnded_Part;
        }

        var lines = (await host.RunAsync(DrillCommands.State.With(directory), cancellationToken)).Text.Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );
        return lines.Contains("ended", StringComparer.Ordinal)
            ? Errors.DrillServerFailed_EndedThere_Part.With(string.Join(" | ", lines.Skip(2)))
            : null;
    }

    /// <summary>What a node says that has got something else than was sent, where the operation is only to be run again.</summary>
    internal static EtcdDrException Damaged(string node, CommandResult result) =>
        new(
            "DatabaseDamagedInTransit",
            EtcdDrErrorCategory.InvalidData,
            Errors.DatabaseDamagedInTransit.With(node, result.StandardError.Trim()),
            Errors.DatabaseDamagedInTransit_Drill_Action,
            node
        );

    private static EtcdDrException Refused(string node, CommandResult result) =>
        result.ExitStatus switch
        {
            DrillCommands.Busy => new EtcdDrException(
                "DrillBusy",
                EtcdDrErrorCategory.ResourceBusy,
                Errors.DrillBusy.With(node),
                Errors.DrillBusy_Action,
                node
            ),
            DrillCommands.NoSpace => new EtcdDrException(
                "DrillSpaceMissing",
                EtcdDrErrorCategory.ResourceUnavailable,
                Errors.DrillSpaceMissing_Node.With(node, result.StandardError.Trim()),
                Errors.DrillSpaceMissing_Node_Action,
                node
            ),
            DrillCommands.Damaged => Damaged(node, result),
            _ => new EtcdDrException(
                "DrillRestoreFailed",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.DrillRestoreFailed_Node.With(node),
                Errors.DrillRestoreFailed_Node_Action,
                node
            ),
        };

    private RemoteCommand Command(string name, DrillCertificate certificate, RemoteDrillTools tools, DrillSubject subject)
    {
        // What etcd appends is checked where it was appended. The server outlives neither the run nor, should that be killed, this many
        // seconds.
        var check = subject.Expected.HasTrailer ? "check" : "nocheck";
        return DrillCommands.Run.With(
            Root,
            name,
            Text(certificate.CertificatePem.Length),
            Text(certificate.KeyPem.Length),
            Text(subject.Database.Length),
            subject.Sha256,
            tools.Endpoint,
            tools.Restore.Source.Text,
            tools.Restore.Name,
            tools.Server.Source.Text,
            tools.WhyNoJail is null ? "jail" : "root",
            Text(subject.NeededBytes),
            check,
            Text((long)subject.Limit.TotalSeconds * 2)
        );

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private CountingStream Counted(DrillSubject subject, string node)
    {
        var total = subject.Database.Length;
        return new CountingStream(
            subject.Database.OpenStream(),
            done =>
                session.Context.Sink.Progress(
                    new ProgressUpdate("Drill", node, "Shipping the database")
                    {
                        BytesDone = done,
                        BytesTotal = total,
                        Completed = done >= total,
                    }
                )
        );
    }

    // The end of its input ends the run and makes it clean up. If it does not hear of that, it is ended by its tag, and cleans up too.
    private async Task EndAsync(IRemoteHost host, Task<CommandResult> running, DrillFeed feed, CancellationTokenSource giveUp)
    {
        await feed.EndAsync();
        await ((Task)Task.WhenAny(running, Task.Delay(EndLimit))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!running.IsCompleted)
        {
            await giveUp.CancelAsync();
        }

        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!running.IsCompletedSuccessfully)
        {
            session.Context.Sink.Verbose(
                $"It was not seen that the drill on {host.Name} removed its directory; it ends by itself within a minute, and the next "
                    + "drill there removes what is left."
            );
        }
    }
}
