using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// One node passes the database on to another, past this machine, over TLS in which both show the certificates by which etcd's members know
/// each other. The giver listens for this one transfer only, and what comes is checked by its SHA-256.
/// </summary>
/// <param name="Giver">The node that has the database.</param>
/// <param name="From">That node as its peers know it.</param>
/// <param name="Taker">The node that gets it.</param>
/// <param name="To">That node as its peers know it.</param>
/// <param name="Port">Where the giver listens.</param>
/// <param name="Sha256">What the database is.</param>
internal sealed record FanOut(JournalNode Giver, FanOutPeer From, JournalNode Taker, FanOutPeer To, int Port, string Sha256)
{
    /// <summary>Carries it out.</summary>
    /// <param name="source">The giver.</param>
    /// <param name="target">The taker.</param>
    /// <param name="cancellationToken">Stops it; nobody listens any more then.</param>
    /// <returns>Null where it went well, else why not.</returns>
    /// <exception cref="EtcdDrException">A command failed, or a node was lost.</exception>
    public async Task<string?> RunAsync(IRemoteHost source, IRemoteHost target, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var said = new AwaitedText("ACCEPT");
        var offer = source.ReadAsync(
            RestoreCommands.OfferDatabase.With(Giver.WorkDirectory, From.At(Port), From.CertificateFile, From.KeyFile, From.AuthorityFile),
            said,
            stop.Token
        );
        var fetch = Task.CompletedTask;
        try
        {
            if (await Task.WhenAny(said.Seen, offer) == offer)
            {
                return $"It does not listen at {From.At(Port)}: {(await offer).StandardError.Trim()}";
            }

            var taken = target.RunAsync(Fetch(), stop.Token);
            fetch = taken;

            // If the giver is lost, whoever waits for it would wait for long.
            if (await Task.WhenAny(taken, offer) == offer)
            {
                await offer;
            }

            var result = await taken;
            return result.ExitStatus == 0 ? null : result.StandardError.Trim();
        }
        finally
        {
            // The giver ends by itself when the database has been taken; in every other case it must not go on listening.
            await stop.CancelAsync();
            await Task.WhenAll(offer, fetch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private RemoteCommand Fetch() =>
        RestoreCommands.FetchDatabase.With(
            Taker.JournalDirectory,
            StepNames.Ship,
            Taker.WorkDirectory,
            Sha256,
            From.At(Port),
            From.IsIpAddress ? "-verify_ip" : "-verify_hostname",
            From.Name,
            To.CertificateFile,
            To.KeyFile,
            To.AuthorityFile
        );
}
