using System.Text.Json;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Reports;

/// <summary>Reads what lies at a path for a report: the report of a restore, or snapshots and the reports of restores that were made of
/// them.</summary>
public sealed class ReportReader(OperationContext context, IRemoteHostFactory hosts)
{
    private const string ReportFile = "report.json";
    private const int MaximumLength = 64 * 1024 * 1024;

    /// <summary>Adds what lies at a place.</summary>
    /// <param name="location">A <c>report.json</c>, the directory of an attempt, a snapshot, or a directory of snapshots.</param>
    /// <param name="content">Takes it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException">
    /// <c>ReportSourceEmpty</c>, <c>RestoreReportInvalid</c>, and what opening snapshots and stores ends with.
    /// </exception>
    public async Task ReadAsync(SnapshotLocation location, ReportContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(location);
        ArgumentNullException.ThrowIfNull(content);
        if (location.Name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            await using var parent = await SnapshotStores.OpenAsync(location.Parent, null, hosts, context, cancellationToken);
            content.Add(await ReadReportAsync(parent, location.Name, cancellationToken));
            return;
        }

        await using var store = await SnapshotStores.OpenAsync(location, null, hosts, context, cancellationToken);
        if (
            await store.StatAsync(string.Empty, cancellationToken) is { IsDirectory: true }
            && await store.LengthAsync(ReportFile, cancellationToken) is >= 0
        )
        {
            content.Add(await ReadReportAsync(store, ReportFile, cancellationToken));
            return;
        }

        var snapshots = await new SnapshotCatalog(hosts, context).FindAsync(location, null, cancellationToken);
        if (snapshots.Count == 0)
        {
            throw ReportErrors.NothingThere(location.ToString());
        }

        foreach (var snapshot in snapshots)
        {
            content.Add(snapshot);
            if (snapshot.Format == SnapshotFormat.EtcdDr)
            {
                await AddRestoresAsync(store, snapshot.Path == store.Root ? string.Empty : snapshot.Name, content, cancellationToken);
            }
        }
    }

    /// <summary>Reads the report of a restore.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <param name="place">Where it was found, for messages.</param>
    /// <exception cref="EtcdDrException"><c>RestoreReportInvalid</c>.</exception>
    public static EtcdRestore Parse(ReadOnlySpan<byte> json, string place)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RestoreJsonContext.Default.EtcdRestore)
                ?? throw ReportErrors.Invalid(place, Errors.RestoreReportInvalid_Empty_Part, null);
        }
        catch (JsonException e)
        {
            throw ReportErrors.Invalid(place, e.Message, e);
        }
    }

    private static async Task AddRestoresAsync(
        ISnapshotStore store,
        string snapshot,
        ReportContent content,
        CancellationToken cancellationToken
    )
    {
        foreach (var entry in await store.ListDirectoryAsync(snapshot, cancellationToken))
        {
            var report = StorePath.Combine(entry.Path, ReportFile);
            if (entry.IsDirectory && SnapshotNames.IsOfRestore(entry.Name) && await store.LengthAsync(report, cancellationToken) is >= 0)
            {
                content.Add(await ReadReportAsync(store, report, cancellationToken));
            }
        }
    }

    private static async Task<EtcdRestore> ReadReportAsync(ISnapshotStore store, string path, CancellationToken cancellationToken) =>
        Parse(await SnapshotRecognizer.ReadSmallAsync(store, path, MaximumLength, cancellationToken), $"{store.DisplayName}/{path}");
}
