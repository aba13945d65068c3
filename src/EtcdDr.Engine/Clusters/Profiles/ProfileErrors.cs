namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>The errors that reading a profile can end with. Each names file, line and key.</summary>
internal static class ProfileErrors
{
    public static EtcdDrException NotFound(IReadOnlyList<string> searched, bool named) =>
        new(
            "ProfileNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            named ? Errors.ProfileNotFound_Named.With(searched[0]) : Errors.ProfileNotFound.With(string.Join(", ", searched)),
            Errors.ProfileNotFound_Action,
            searched[0]
        );

    public static EtcdDrException Unreadable(string path, Exception cause) =>
        new(
            "ProfileUnreadable",
            cause is UnauthorizedAccessException ? EtcdDrErrorCategory.PermissionDenied : EtcdDrErrorCategory.ReadError,
            Errors.ProfileUnreadable.With(path, cause.Message.TrimEnd('.')),
            Errors.ProfileUnreadable_Action,
            path,
            cause
        );

    public static EtcdDrException Invalid(string path, int line, string cause, string? action = null, Exception? inner = null) =>
        new(
            "ProfileInvalid",
            EtcdDrErrorCategory.InvalidArgument,
            Errors.ProfileInvalid.With(path, line, cause.TrimEnd('.')),
            action ?? Errors.ProfileInvalid_Action,
            path,
            inner
        );

    public static EtcdDrException UnknownKey(string path, int line, string key, string where, IReadOnlyCollection<string> known)
    {
        if (key.Contains("passphrase", StringComparison.OrdinalIgnoreCase) || key.Contains("password", StringComparison.OrdinalIgnoreCase))
        {
            return Invalid(path, line, Errors.ProfileInvalid_Secret_Part.With(key, where), Errors.ProfileInvalid_Secret_Action);
        }

        var nearest = Spelling.Nearest(key, known);
        return Invalid(
            path,
            line,
            nearest is null
                ? Errors.ProfileInvalid_UnknownKey_Part.With(key, where)
                : Errors.ProfileInvalid_UnknownKeyNearest_Part.With(key, where, nearest),
            Errors.ProfileInvalid_UnknownKey_Action.With(string.Join(", ", known.Order(StringComparer.Ordinal)))
        );
    }

    public static EtcdDrException MissingFile(string profile, ProfileFile file) =>
        new(
            file.ErrorId,
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.ProfileFileNotFound.With(profile, file.Line, file.Key, file.Path),
            file.Key == "knownHosts" ? Errors.KnownHostsFileNotFound_Profile_Action.With(file.Path) : Errors.ProfileFileNotFound_Action,
            file.Path
        );

    public static EtcdDrException NoCluster(string path, string name, IReadOnlyCollection<string> known)
    {
        var nearest = Spelling.Nearest(name, known);
        return new EtcdDrException(
            "ClusterNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            nearest is null ? Errors.ClusterNotFound.With(path, name) : Errors.ClusterNotFound_Nearest.With(path, name, nearest),
            known.Count == 0 ? Errors.ClusterNotFound_NoClusters_Action : Errors.ClusterNotFound_Action.With(string.Join(", ", known)),
            name
        );
    }

    public static EtcdDrException NoPlace(string path, string? name, IReadOnlyCollection<string> known) =>
        new(
            "PlaceNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            name is null ? Errors.PlaceNotFound.With(path) : Errors.PlaceNotFound_Named.With(path, name),
            known.Count == 0 ? Errors.PlaceNotFound_Action : Errors.PlaceNotFound_Named_Action.With(string.Join(", ", known)),
            name ?? path
        );

    public static EtcdDrException NoVaults(string path, string key, SecretReference secret) =>
        new(
            "SecretNotAsked",
            EtcdDrErrorCategory.AuthenticationError,
            Errors.SecretNotAsked.With(path, key, secret),
            Errors.SecretNotAsked_Action,
            secret.ToString()
        );

    public static EtcdDrException NoSecret(string path, string key, string variable) =>
        new(
            "ProfileSecretNotSet",
            EtcdDrErrorCategory.AuthenticationError,
            Errors.ProfileSecretNotSet.With(path, key, variable),
            Errors.ProfileSecretNotSet_Action.With(variable),
            variable
        );
}
