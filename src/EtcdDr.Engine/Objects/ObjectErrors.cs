namespace EtcdDr.Engine.Objects;

/// <summary>The errors that work with objects can end with.</summary>
internal static class ObjectErrors
{
    public static EtcdDrException ObjectFileInvalid(string place, string why, Exception? cause = null) =>
        new(
            "ObjectFileInvalid",
            EtcdDrErrorCategory.InvalidData,
            Errors.ObjectFileInvalid.With(place, why.TrimEnd('.')),
            Errors.ObjectFileInvalid_Action,
            place,
            cause
        );

    public static EtcdDrException ObjectFileUnreadable(string place, Exception cause) =>
        new(
            "ObjectFileUnreadable",
            cause is UnauthorizedAccessException ? EtcdDrErrorCategory.PermissionDenied : EtcdDrErrorCategory.ReadError,
            Errors.ObjectFileUnreadable.With(place, cause.Message.TrimEnd('.')),
            Errors.ObjectFileUnreadable_Action,
            place,
            cause
        );
}
