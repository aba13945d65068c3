namespace EtcdDr.Engine.Reports;

/// <summary>The errors that making a report can end with.</summary>
public static class ReportErrors
{
    /// <summary>An object of a type that no report tells of.</summary>
    /// <param name="type">The type's name.</param>
    public static EtcdDrException InputUnknown(string type) =>
        new(
            "ReportInputUnknown",
            EtcdDrErrorCategory.InvalidArgument,
            Errors.ReportInputUnknown.With(type),
            Errors.ReportInputUnknown_Action,
            type
        );

    /// <summary>The file name does not say how to write the report.</summary>
    public static EtcdDrException FormatUnknown(string path) =>
        new(
            "ReportFormatUnknown",
            EtcdDrErrorCategory.InvalidArgument,
            Errors.ReportFormatUnknown.With(path),
            Errors.ReportFormatUnknown_Action,
            path
        );

    /// <summary>There is a file already.</summary>
    public static EtcdDrException Exists(string path) =>
        new("ReportExists", EtcdDrErrorCategory.InvalidOperation, Errors.ReportExists.With(path), Errors.ReportExists_Action, path);

    /// <summary>The report cannot be written.</summary>
    public static EtcdDrException NotWritten(string path, Exception cause) =>
        new(
            "ReportNotWritten",
            cause is UnauthorizedAccessException ? EtcdDrErrorCategory.PermissionDenied : EtcdDrErrorCategory.WriteError,
            Errors.ReportNotWritten.With(path, cause.Message.TrimEnd('.')),
            Errors.ReportNotWritten_Action,
            path,
            cause
        );

    /// <summary>A restore's report cannot be read.</summary>
    public static EtcdDrException Invalid(string place, string why, Exception? cause) =>
        new(
            "RestoreReportInvalid",
            EtcdDrErrorCategory.InvalidData,
            Errors.RestoreReportInvalid.With(place, why.TrimEnd('.')),
            Errors.RestoreReportInvalid_Action,
            place,
            cause
        );

    /// <summary>A directory holds nothing to tell of.</summary>
    public static EtcdDrException NothingThere(string place) =>
        new(
            "ReportSourceEmpty",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.ReportSourceEmpty.With(place),
            Errors.ReportSourceEmpty_Action,
            place
        );
}
