namespace EtcdDr.Engine.Reports;

/// <summary>The errors that making a report can end with.</summary>
public static class ReportErrors
{
    /// <summary>An object of a type that no report tells of.</summary>
    /// <param name="type">The type's name.</param>
    public static EtcdDrException InputUnknown(string type) => new(
        "ReportInputUnknown",
        EtcdDrErrorCategory.InvalidArgument,
        $"A report cannot tell of an object of type {type}.",
        "Give what the cmdlets of this module emit (snapshots, their checks, mirror checks, differences, members, restores), as it came from them and not by way of JSON or another process; or the path of a restore's report.json, its directory, or a snapshot.",
        type);

    /// <summary>The file name does not say how to write the report.</summary>
    public static EtcdDrException FormatUnknown(string path) => new(
        "ReportFormatUnknown",
        EtcdDrErrorCategory.InvalidArgument,
        $"The name of '{path}' does not tell how to write the report.",
        "End it with .html, .xml (JUnit) or .prom (OpenMetrics), or name the format with -Format.",
        path);

    /// <summary>There is a file already.</summary>
    public static EtcdDrException Exists(string path) => new(
        "ReportExists",
        EtcdDrErrorCategory.InvalidOperation,
        $"There is a file '{path}' already.",
        "Write to another path, or replace the file with -Force.",
        path);

    /// <summary>The report cannot be written.</summary>
    public static EtcdDrException NotWritten(string path, Exception cause) => new(
        "ReportNotWritten",
        cause is UnauthorizedAccessException ? EtcdDrErrorCategory.PermissionDenied : EtcdDrErrorCategory.WriteError,
        $"The report '{path}' cannot be written: {cause.Message.TrimEnd('.')}.",
        "Check the directory, its permissions and its free space.",
        path,
        cause);

    /// <summary>A restore's report cannot be read.</summary>
    public static EtcdDrException Invalid(string place, string why, Exception? cause) => new(
        "RestoreReportInvalid",
        EtcdDrErrorCategory.InvalidData,
        $"'{place}' is not a restore's report: {why.TrimEnd('.')}.",
        "Give the report.json that Restore-EtcdSnapshot or Undo-EtcdRestore wrote, or the directory that holds it.",
        place,
        cause);

    /// <summary>A directory holds nothing to tell of.</summary>
    public static EtcdDrException NothingThere(string place) => new(
        "ReportSourceEmpty",
        EtcdDrErrorCategory.ObjectNotFound,
        $"'{place}' holds neither a restore's report.json nor a snapshot.",
        "Give a snapshot's directory, a directory of snapshots, or a restore_attempted_* or undo_attempted_* directory.",
        place);
}
