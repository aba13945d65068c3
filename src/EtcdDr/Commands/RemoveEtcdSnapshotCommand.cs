using System.Management.Automation;
using EtcdDr.Completion;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Retention;

namespace EtcdDr.Commands;

/// <summary>Removes a snapshot, or those that a retention policy does not keep.</summary>
[Cmdlet(
    VerbsCommon.Remove,
    "EtcdSnapshot",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    DefaultParameterSetName = SnapshotSet
)]
public sealed class RemoveEtcdSnapshotCommand : SnapshotCmdlet
{
    private const string SnapshotSet = "Snapshot";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string UnfinishedSet = "Unfinished";
    private const string ProfileSet = "Profile";
    private const string UnfinishedLiteralSet = "UnfinishedLiteralPath";

    // What is written, copied or removed changes all the time.
    private static readonly TimeSpan AtWork = TimeSpan.FromHours(1);

    private readonly List<EtcdSnapshot> _snapshots = [];

    /// <summary>Snapshots to remove, or to choose from where a <c>-Keep</c> parameter is given.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = SnapshotSet)]
    [ValidateNotNull]
    [SnapshotArgument]
    public EtcdSnapshot Snapshot { get; set; } = null!;

    /// <summary>Where the snapshots are, with wildcards; with a <c>-Keep</c> parameter the directory that holds the snapshots to choose
    /// from.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = UnfinishedSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotPathCompleter))]
    public string Path { get; set; } = null!;

    /// <summary>The same as it stands: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = UnfinishedLiteralSet)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string LiteralPath { get; set; } = null!;

    /// <summary>How many of the newest of each cluster are kept.</summary>
    [Parameter(ParameterSetName = SnapshotSet)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateRange(0, int.MaxValue)]
    public int KeepLast { get; set; }

    /// <summary>For how many of the latest days that have snapshots (UTC) the newest of the day is kept.</summary>
    [Parameter(ParameterSetName = SnapshotSet)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateRange(0, int.MaxValue)]
    public int KeepDaily { get; set; }

    /// <summary>For how many of the latest ISO weeks that have snapshots (UTC) the newest of the week is kept.</summary>
    [Parameter(ParameterSetName = SnapshotSet)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateRange(0, int.MaxValue)]
    public int KeepWeekly { get; set; }

    /// <summary>For how many of the latest months that have snapshots (UTC) the newest of the month is kept.</summary>
    [Parameter(ParameterSetName = SnapshotSet)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateRange(0, int.MaxValue)]
    public int KeepMonthly { get; set; }

    /// <summary>Labels of snapshots that are always kept.</summary>
    [Parameter(ParameterSetName = SnapshotSet)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotLabelCompleter))]
    public string[]? KeepLabel { get; set; }

    /// <summary>Remove what snapshots left in the directory whose writing, copying or removal was cut off, in place of snapshots.</summary>
    [Parameter(Mandatory = true, ParameterSetName = UnfinishedSet)]
    [Parameter(Mandatory = true, ParameterSetName = UnfinishedLiteralSet)]
    public SwitchParameter Unfinished { get; set; }

    /// <summary>Keep at the places of the profile what it says for each.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ProfileSet)]
    public SwitchParameter KeepByProfile { get; set; }

    /// <summary>Names of the profile's places; all that have rules where it is left out.</summary>
    [Parameter(ParameterSetName = ProfileSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PlaceNameCompleter))]
    public string[]? Place { get; set; }

    private bool HasPolicy => MyInvocation.BoundParameters.Keys.Any(k => k.StartsWith("Keep", StringComparison.Ordinal));

    /// <inheritdoc/>
    protected override async Task ProcessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (ParameterSetName == SnapshotSet)
        {
            _snapshots.Add(Snapshot);
            return;
        }

        if (ParameterSetName == ProfileSet)
        {
            await KeepByProfileAsync(context, cancellationToken);
            return;
        }

        var literal = ParameterSetName is LiteralPathSet or UnfinishedLiteralSet;
        var path = literal ? LiteralPath : Path;
        if (Unfinished)
        {
            await ForEachPlaceAsync(
                path,
                literal,
                place => RemoveUnfinishedAsync(new RemoveSnapshotOperation(Hosts, context), place, cancellationToken)
            );
        }
        else if (HasPolicy || (!literal && WildcardPattern.ContainsWildcardCharacters(path)))
        {
            await ForEachPlaceAsync(
                path,
                literal,
                async place => _snapshots.AddRange(await Places.FindAsync(place, context, cancellationToken))
            );
        }
        else
        {
            _snapshots.Add(await Places.OneAsync(path, literal, context, cancellationToken));
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (ParameterSetName == ProfileSet)
        {
            return;
        }

        var operation = new RemoveSnapshotOperation(Hosts, context);
        if (!HasPolicy)
        {
            // One after the other, so that the last good one is the last whatever is piped in.
            foreach (var snapshot in _snapshots)
            {
                await TryAsync(async () =>
                    await ApplyAsync(operation, await operation.DecideAsync(snapshot, cancellationToken), cancellationToken)
                );
            }

            return;
        }

        foreach (var decision in await operation.DecideAsync(_snapshots, Policy(), cancellationToken))
        {
            await ApplyAsync(operation, decision, cancellationToken);
        }
    }

    // Each place by its own rules; one that cannot be reached does not keep the others from theirs.
    private async Task KeepByProfileAsync(OperationContext context, CancellationToken cancellationToken)
    {
        foreach (var place in LoadProfile().PlacesToKeep(Place))
        {
            await TryAsync(() => KeepAtAsync(place, context, cancellationToken));
        }
    }

    private async Task KeepAtAsync(ProfilePlace place, OperationContext context, CancellationToken cancellationToken)
    {
        var operation = new RemoveSnapshotOperation(Hosts, context);
        var found = await Places.FindAsync(new SnapshotPlace(place.Path, HasWildcards: false), context, cancellationToken);
        foreach (var decision in await operation.DecideAsync(found, Policy(place.Keep!), cancellationToken))
        {
            await ApplyAsync(operation, decision, cancellationToken);
        }
    }

    private async Task RemoveUnfinishedAsync(RemoveSnapshotOperation operation, SnapshotPlace place, CancellationToken cancellationToken)
    {
        var (location, ssh) = Places.Reach(place.Text);
        foreach (var left in await operation.FindUnfinishedAsync(location, ssh, cancellationToken))
        {
            if (DateTime.UtcNow - left.LastChanged < AtWork)
            {
                WriteWarning(
                    $"'{left}' was kept: it changed within the last hour ({left.LastChanged:yyyy-MM-dd HH:mm:ss}Z), so a command may "
                        + "be at work on it."
                );
            }
            else if (
                await ShouldProcessAsync(
                    $"{left} ({HumanText.Size(left.Size)}, last changed {left.LastChanged:yyyy-MM-dd HH:mm}Z)",
                    "Remove what an unfinished snapshot left"
                )
            )
            {
                await operation.RemoveUnfinishedAsync(left, ssh, cancellationToken);
            }
        }
    }

    private RetentionPolicy Policy() => Policy(new ProfileKeep(KeepLast, KeepDaily, KeepWeekly, KeepMonthly, KeepLabel ?? []));

    private static RetentionPolicy Policy(ProfileKeep keep)
    {
        var labels = keep.Labels.Select(l => new WildcardPattern(l, WildcardOptions.IgnoreCase)).ToList();
        return new RetentionPolicy
        {
            KeepLast = keep.Last,
            KeepDaily = keep.Daily,
            KeepWeekly = keep.Weekly,
            KeepMonthly = keep.Monthly,
            KeepLabel = labels.Count == 0 ? null : label => labels.Any(p => p.IsMatch(label)),
        };
    }

    private async Task ApplyAsync(RemoveSnapshotOperation operation, RetentionDecision decision, CancellationToken cancellationToken)
    {
        var snapshot = decision.Snapshot;
        if (decision.Keep)
        {
            ShowKept(decision);
            return;
        }

        if (!await ShouldProcessAsync($"{snapshot} ({HumanText.Size(snapshot.Size)})", $"Remove snapshot: {decision.Reason}"))
        {
            return;
        }

        try
        {
            await operation.RemoveAsync(snapshot, cancellationToken);
        }
        catch (EtcdDrException e)
        {
            WriteError(e);
        }
    }

    /// <summary>A policy keeps in silence; who names a snapshot and sees it stay is told so.</summary>
    private void ShowKept(RetentionDecision decision)
    {
        if (!HasPolicy)
        {
            WriteError(
                new EtcdDrException(
                    "SnapshotNeeded",
                    EtcdDrErrorCategory.InvalidOperation,
                    Errors.SnapshotNeeded.With(decision.Snapshot, decision.Reason),
                    Errors.SnapshotNeeded_Action,
                    decision.Snapshot.ToString()
                )
            );
        }
        else if (MyInvocation.BoundParameters.ContainsKey("WhatIf"))
        {
            WriteInformation($"Keep {decision.Snapshot}: {decision.Reason}.", ["PSHOST"]);
        }
        else
        {
            WriteVerbose($"Keep {decision.Snapshot}: {decision.Reason}.");
        }
    }
}
