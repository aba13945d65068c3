using System.Diagnostics;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>A snapshot holds the cluster's secrets and keys: only its owner may read it.</summary>
internal static class PermissionVerification
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    internal static async Task RunAsync(SnapshotReader reader, SnapshotFindings findings, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var bare = reader.Snapshot.Format == SnapshotFormat.Database;
        var open = reader
            .Entries.Where(e => !e.IsLink && (e.Mode & Others) is not (null or UnixFileMode.None))
            .Select(e => e.Path)
            .ToList();
        var directory = bare ? null : await reader.Store.StatAsync(string.Empty, cancellationToken);
        if ((directory?.Mode & Others) is not (null or UnixFileMode.None))
        {
            open.Insert(0, ".");
        }

        var known = directory?.Mode is not null || reader.Entries.Any(e => e.Mode is not null);
        if (open.Count == 0)
        {
            findings.Pass(
                VerificationChecks.Permissions,
                known
                    ? "Only its owner can read it."
                    : "This system has no permission bits to check; see that its access list names its owner only.",
                started
            );
            return;
        }

        var names = string.Join(", ", open.Take(5).Select(n => n == "." ? "the directory itself" : $"'{n}'"));
        findings.Find(
            VerificationChecks.Permissions,
            SnapshotTestSeverity.Warning,
            "Accounts other than its owner have access to "
                + $"{names}{(open.Count > 5 ? $" and {open.Count - 5} more" : string.Empty)}. It holds the cluster's secrets and keys.",
            $"Run 'chmod -R u=rwX,go= {reader.Snapshot.Path}' where it is, and find out who could have read it.",
            started,
            open[0]
        );
    }
}
