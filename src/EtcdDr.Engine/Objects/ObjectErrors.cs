using EtcdDr.Engine.Kube;

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

    public static EtcdDrException FileExists(string path) =>
        new("AlreadyExists", EtcdDrErrorCategory.InvalidOperation, Errors.AlreadyExists.With(path), Errors.AlreadyExists_Action, path);

    public static EtcdDrException FileUnwritable(string path, Exception cause) =>
        new(
            "ObjectFileUnwritable",
            cause is UnauthorizedAccessException ? EtcdDrErrorCategory.PermissionDenied : EtcdDrErrorCategory.WriteError,
            Errors.ObjectFileUnwritable.With(path, cause.Message.TrimEnd('.')),
            Errors.ObjectFileUnwritable_Action,
            path,
            cause
        );

    public static EtcdDrException SelectorInvalid(string selector, string part) =>
        new(
            "LabelSelectorInvalid",
            EtcdDrErrorCategory.InvalidArgument,
            Errors.LabelSelectorInvalid.With(selector, part.Trim()),
            Errors.LabelSelectorInvalid_Action,
            selector
        );

    public static EtcdDrException KindUnknown(string cluster, string kind) =>
        new(
            "ObjectKindUnknown",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.ObjectKindUnknown.With(cluster, kind),
            Errors.ObjectKindUnknown_Action,
            kind
        );

    public static EtcdDrException KindNotServed(string cluster, KubeObject item, IReadOnlyList<string> versions) =>
        new(
            "ObjectKindNotServed",
            EtcdDrErrorCategory.ObjectNotFound,
            versions.Count == 0
                ? Errors.ObjectKindNotServed.With(cluster, item.Key, item.ApiVersion)
                : Errors.ObjectKindNotServed_Versions.With(cluster, item.Key, item.ApiVersion, string.Join(", ", versions)),
            versions.Count == 0 ? Errors.ObjectKindNotServed_Action : Errors.ObjectKindNotServed_Versions_Action,
            item.Key.ToString()
        );

    public static EtcdDrException BeingDeleted(string cluster, ObjectKey key) =>
        new(
            "ObjectBeingDeleted",
            EtcdDrErrorCategory.ResourceBusy,
            Errors.ObjectBeingDeleted.With(cluster, key),
            Errors.ObjectBeingDeleted_Action,
            key.ToString()
        );

    public static EtcdDrException OwnerRefused(string cluster, ObjectKey key, ObjectKey owner) =>
        new(
            "ObjectOwnerRefused",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.ObjectOwnerRefused.With(cluster, key, owner),
            Errors.ObjectOwnerRefused_Action,
            key.ToString()
        );

    public static EtcdDrException Conflict(string cluster, ObjectKey key, EtcdDrException cause) =>
        new(
            "ObjectConflict",
            EtcdDrErrorCategory.ResourceBusy,
            Errors.ObjectConflict.With(cluster, key, Said(cause)),
            Errors.ObjectConflict_Action,
            key.ToString(),
            cause
        );

    public static EtcdDrException Refused(string cluster, ObjectKey key, EtcdDrException cause) =>
        new(
            "ObjectRefused",
            cause.Category,
            Errors.ObjectRefused.With(cluster, key, Said(cause)),
            Errors.ObjectRefused_Action.With(cause.RecommendedAction),
            key.ToString(),
            cause
        );

    public static EtcdDrException NeverReplaced(string cluster, ObjectKey key, EtcdDrException cause) =>
        new(
            "ObjectNeverReplaced",
            EtcdDrErrorCategory.InvalidOperation,
            Errors.ObjectNeverReplaced.With(cluster, key, Said(cause)),
            Errors.ObjectNeverReplaced_Action,
            key.ToString(),
            cause
        );

    public static EtcdDrException NotEstablished(string cluster, string definition, TimeSpan limit) =>
        new(
            "ObjectDefinitionNotEstablished",
            EtcdDrErrorCategory.OperationTimeout,
            Errors.ObjectDefinitionNotEstablished.With(cluster, definition, limit.TotalSeconds),
            Errors.ObjectDefinitionNotEstablished_Action,
            definition
        );

    public static EtcdDrException NotReady(string cluster, ObjectKey key, string why, TimeSpan limit) =>
        new(
            "ObjectNotReady",
            EtcdDrErrorCategory.OperationTimeout,
            Errors.ObjectNotReady.With(cluster, key, limit.TotalSeconds, why.TrimEnd('.')),
            Errors.ObjectNotReady_Action,
            key.ToString()
        );

    public static EtcdDrException RecordUnwritable(string path, Exception cause) =>
        new(
            "ObjectRecordUnwritable",
            EtcdDrErrorCategory.WriteError,
            Errors.ObjectRecordUnwritable.With(path, cause.Message.TrimEnd('.')),
            Errors.ObjectRecordUnwritable_Action,
            path,
            cause
        );

    public static EtcdDrException RecordUnreadable(string path, Exception cause) =>
        new(
            "ObjectRecordUnreadable",
            EtcdDrErrorCategory.ReadError,
            Errors.ObjectRecordUnreadable.With(path, cause.Message.TrimEnd('.')),
            Errors.ObjectRecordUnreadable_Action,
            path,
            cause
        );

    public static EtcdDrException RecordInvalid(string path, int line) =>
        new(
            "ObjectRecordInvalid",
            EtcdDrErrorCategory.InvalidData,
            Errors.ObjectRecordInvalid.With(path, line),
            Errors.ObjectRecordInvalid_Action,
            path
        );

    public static EtcdDrException RecordNotFound(string directory, string cluster) =>
        new(
            "ObjectRecordNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.ObjectRecordNotFound.With(directory, cluster),
            Errors.ObjectRecordNotFound_Action,
            cluster
        );

    public static EtcdDrException RecordOfOther(string path, string of, string cluster) =>
        new(
            "ObjectRecordOfOther",
            EtcdDrErrorCategory.InvalidArgument,
            Errors.ObjectRecordOfOther.With(path, of, cluster),
            Errors.ObjectRecordOfOther_Action,
            path
        );

    // What the server said, without the address and path around it.
    private static string Said(EtcdDrException cause) => (KubeStatusException.Of(cause)?.Message ?? cause.Message).TrimEnd('.');
}
