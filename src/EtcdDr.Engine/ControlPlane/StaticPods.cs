using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>Stops and starts static pods of one node by taking their manifests aside and putting them back.</summary>
internal static class StaticPods
{
    // A killed etcd or apiserver loses nothing that it acknowledged; a short time lets them end in an orderly way where they can. An
    // apiserver that drains its connections (a minute by default) keeps the API away and gains nothing: etcd stops next.
    private const int EtcdGraceSeconds = 3;
    private const int OtherGraceSeconds = 1;

    /// <summary>Takes manifests aside and stops their containers.</summary>
    /// <param name="host">The node.</param>
    /// <param name="place">Directories and runtime of the node.</param>
    /// <param name="parts">What is stopped.</param>
    /// <param name="step">The step's name in the node's journal.</param>
    /// <param name="until">What is waited for.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="force">Whether a container that will not stop is killed, that container alone.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="EtcdDrException"><c>ContainerWillNotStop</c>, naming the container and the node.</exception>
    public static async Task HoldAsync(
        IRemoteHost host,
        StaticPodPlace place,
        IReadOnlyList<ControlPlanePart> parts,
        string step,
        StopEnd until,
        TimeSpan limit,
        bool force,
        CancellationToken cancellationToken
    )
    {
        if (parts.Count == 0)
        {
            return;
        }

        var seconds = ((int)Math.Ceiling(limit.TotalSeconds)).ToString();
        var grace = parts.Any(p => p.Name == ControlPlanePart.Etcd) ? EtcdGraceSeconds : OtherGraceSeconds;
        string[] arguments =
        [
            place.JournalDirectory,
            step,
            place.ManifestDirectory,
            place.HoldDirectory,
            place.RuntimeEndpoint,
            grace.ToString(),
            seconds,
            until == StopEnd.Gone ? "gone" : "stopped",
            .. parts.Select(p => p.Word),
        ];
        var hold = ControlPlaneCommands.Hold.With(arguments) with { Timeout = limit + TimeSpan.FromSeconds(90) };
        var result = await host.RunAsync(hold, cancellationToken);
        if (result.ExitStatus == 0)
        {
            return;
        }

        var left = Remaining(result.StandardError);
        if (!force)
        {
            throw WillNotStop(host, left);
        }

        await host.RunAsync(ControlPlaneCommands.KillContainer.With([place.RuntimeEndpoint, .. left.Select(c => c.Id)]), cancellationToken);
        result = await host.RunAsync(hold, cancellationToken);
        if (result.ExitStatus != 0)
        {
            throw WillNotStop(host, Remaining(result.StandardError));
        }
    }

    /// <summary>Puts manifests back, so that the kubelet starts them; starts the kubelet if it is not active.</summary>
    public static async Task ReleaseAsync(
        IRemoteHost host,
        StaticPodPlace place,
        IReadOnlyList<ControlPlanePart> parts,
        string step,
        CancellationToken cancellationToken
    )
    {
        if (parts.Count == 0)
        {
            return;
        }

        await host.RunAsync(
            ControlPlaneCommands.Release.With([
                place.JournalDirectory,
                step,
                place.ManifestDirectory,
                place.HoldDirectory,
                .. parts.Select(p => p.Word),
            ]),
            cancellationToken
        );
    }

    /// <summary>Containers that <see cref="ControlPlaneCommands.Hold"/> names as still running: pairs of name and id.</summary>
    internal static IReadOnlyList<(string Name, string Id)> Remaining(string standardError)
    {
        const string Mark = "still running:";
        var line = standardError.Split('\n').FirstOrDefault(l => l.StartsWith(Mark, StringComparison.Ordinal));
        var words = line?[Mark.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Chunk(2).Where(pair => pair.Length == 2).Select(pair => (pair[0], pair[1])).ToList();
    }

    private static EtcdDrException WillNotStop(IRemoteHost host, IReadOnlyList<(string Name, string Id)> left)
    {
        var named = string.Join(", ", left.Select(c => $"{c.Name} ({(c.Id.Length > 12 ? c.Id[..12] : c.Id)})"));
        return new EtcdDrException(
            "ContainerWillNotStop",
            EtcdDrErrorCategory.OperationTimeout,
            Errors.ContainerWillNotStop.With(host.Name, named),
            Errors.ContainerWillNotStop_Action,
            host.Name
        );
    }
}
