using System.Diagnostics;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;
using EtcdDr.Engine.Transfer;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Brings the database to nodes, checked at each by its SHA-256: to all of them from here, or, where the line there is slow and the profile
/// names a port for it, to one, which passes it on to the others. Who has it passes it on to one more at a time, so that the number of
/// those who have it doubles.
/// </summary>
/// <param name="prepared">The restore.</param>
/// <param name="run">How it is carried out.</param>
/// <param name="phase">The phase, for the journal.</param>
/// <param name="nodes">The nodes that need the database.</param>
internal sealed class DatabaseShipping(PreparedRestore prepared, RestoreRun run, string phase, IReadOnlyList<RestoreNode> nodes)
{
    // Bytes. Less is sent before the link is known.
    private const long WorthTrying = 16L * 1024 * 1024;

    // Bytes a second, half a gigabit line. What is faster serves all nodes at once in the time that passing on takes.
    private const double SlowLine = 60_000_000;

    // Beyond the time of the first copy from here: by then another one would have come.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private volatile bool _refused;

    /// <summary>Carries it out.</summary>
    /// <exception cref="EtcdDrException"><c>RestoreStepFailed</c>: the database did not get to all nodes.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!await IsWorthPassingOnAsync(cancellationToken))
        {
            await FromHereAsync(nodes, cancellationToken);
            return;
        }

        var started = Stopwatch.GetTimestamp();
        await FromHereAsync([nodes[0]], cancellationToken);
        var limit = Stopwatch.GetElapsedTime(started) + Patience;
        for (var have = 1; have < nodes.Count; )
        {
            // Once it did not work, it is not tried with the others.
            if (_refused)
            {
                await FromHereAsync([.. nodes.Skip(have)], cancellationToken);
                return;
            }

            var pairs = nodes.Skip(have).Take(have).Zip(nodes).ToDictionary(pair => pair.First, pair => pair.Second);
            await run.OnNodesAsync(
                phase,
                StepNames.Ship,
                pairs.Keys,
                (node, ct) => PassOnAsync(pairs[node], node, limit, ct),
                cancellationToken
            );
            have += pairs.Count;
        }
    }

    private Task FromHereAsync(IReadOnlyList<RestoreNode> to, CancellationToken cancellationToken) =>
        run.OnNodesAsync(phase, StepNames.Ship, to, (node, ct) => SendAsync(node, to.Count, ct), cancellationToken);

    private async Task<bool> IsWorthPassingOnAsync(CancellationToken cancellationToken)
    {
        if (run.Session.Cluster.Etcd.FanOutPort is null || nodes.Count < 2 || prepared.Snapshot.DatabaseLength < WorthTrying)
        {
            return false;
        }

        if (nodes.FirstOrDefault(n => FanOutPeer.Of(n) is null) is { } plain)
        {
            run.Context.Sink.Verbose(
                $"etcd's members on node '{plain.Name}' and its peers do not speak TLS with certificates, so the database is not "
                    + "passed on between nodes."
            );
            return false;
        }

        try
        {
            var rate = await LinkTrial.RateAsync(await run.Session.HostAsync(nodes[0].Node, cancellationToken), cancellationToken);
            run.Context.Sink.Verbose($"The line to node '{nodes[0].Name}' takes {HumanText.Size((long)rate)} a second.");
            return rate < SlowLine;
        }
        catch (EtcdDrException failure)
        {
            // What is wrong with the node is told by the step that needs it, which also connects again.
            run.Context.Sink.Verbose($"The line to node '{nodes[0].Name}' could not be measured: {failure.Message}");
            return false;
        }
    }

    private async Task<string?> SendAsync(RestoreNode node, int streams, CancellationToken cancellationToken)
    {
        var host = await run.Session.HostAsync(node.Node, cancellationToken);
        var total = prepared.Snapshot.DatabaseLength;
        await using var database = await prepared.Snapshot.OpenDatabaseAsync(cancellationToken);
        await using var counted = new CountingStream(
            database,
            done =>
                run.Context.Sink.Progress(
                    new ProgressUpdate(run.Activity, node.Name, "Shipping the database") { BytesDone = done, BytesTotal = total }
                )
        );
        await using var ahead = new ReadAheadStream(counted, 0, total, (_, _) => { });
        var (wire, form) = await LinkTrial.ChooseAsync(host, ahead, total, streams, cancellationToken);
        await using var sending = wire;
        var result = await host.WriteAsync(
            RestoreCommands.ReceiveDatabase.With(
                node.Journal.JournalDirectory,
                StepNames.Ship,
                node.Journal.WorkDirectory,
                prepared.DatabaseSha256,
                form
            ),
            wire,
            cancellationToken
        );
        if (result.ExitStatus == 0)
        {
            return form == "plain" ? HumanText.Size(total) : $"{HumanText.Size(total)}, {form} on its way";
        }

        throw Damaged(node.Name, result);
    }

    /// <summary>What a node says that has got something else than was sent.</summary>
    internal static EtcdDrException Damaged(string node, CommandResult result) =>
        new(
            "DatabaseDamagedInTransit",
            EtcdDrErrorCategory.InvalidData,
            Errors.DatabaseDamagedInTransit.With(node, result.StandardError.Trim()),
            Errors.DatabaseDamagedInTransit_Action,
            node
        );

    private async Task<string?> PassOnAsync(RestoreNode giver, RestoreNode node, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(limit);
        string why;
        try
        {
            var source = await run.Session.HostAsync(giver.Node, bounded.Token);
            var target = await run.Session.HostAsync(node.Node, bounded.Token);
            var fanOut = new FanOut(
                giver.Journal,
                FanOutPeer.Of(giver)!,
                node.Journal,
                FanOutPeer.Of(node)!,
                run.Session.Cluster.Etcd.FanOutPort!.Value,
                prepared.DatabaseSha256
            );
            if (await fanOut.RunAsync(source, target, bounded.Token) is not { } failure)
            {
                return $"{HumanText.Size(prepared.Snapshot.DatabaseLength)}, from {giver.Name}";
            }

            why = failure;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            why = $"It took longer than {limit.TotalSeconds:F0} s.";
        }
        catch (EtcdDrException failure)
        {
            why = failure.Message;
        }

        _refused = true;
        run.Context.Sink.Verbose($"Node '{giver.Name}' could not pass the database on to '{node.Name}', which gets it from here: {why}");
        return await SendAsync(node, 1, cancellationToken);
    }
}
