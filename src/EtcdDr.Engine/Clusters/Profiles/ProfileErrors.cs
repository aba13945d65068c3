namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>The errors that reading a profile can end with. Each names file, line and key.</summary>
internal static class ProfileErrors
{
    private const string Manual = "See about_EtcdDr_Profiles for every key.";

    public static EtcdDrException NotFound(IReadOnlyList<string> searched, bool named) => new(
        "ProfileNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        named ? $"There is no profile at {searched[0]}." : $"There is no profile; looked for {string.Join(", ", searched)}.",
        "Write an etcddr.yaml (see about_EtcdDr_Profiles), name one with -ProfilePath or the environment variable ETCDDR_PROFILE, or give -Kubeconfig and the rest as parameters.",
        searched[0]);

    public static EtcdDrException Unreadable(string path, Exception cause) => new(
        "ProfileUnreadable",
        cause is UnauthorizedAccessException ? EtcdDrErrorCategory.PermissionDenied : EtcdDrErrorCategory.ReadError,
        $"The profile {path} cannot be read: {cause.Message.TrimEnd('.')}.",
        "Check the file's owner and permissions.",
        path,
        cause);

    public static EtcdDrException Invalid(string path, int line, string cause, string? action = null, Exception? inner = null) => new(
        "ProfileInvalid",
        EtcdDrErrorCategory.InvalidArgument,
        $"{path}, line {line}: {cause.TrimEnd('.')}.",
        action ?? Manual,
        path,
        inner);

    public static EtcdDrException UnknownKey(string path, int line, string key, string where, IReadOnlyCollection<string> known)
    {
        if (key.Contains("passphrase", StringComparison.OrdinalIgnoreCase) || key.Contains("password", StringComparison.OrdinalIgnoreCase))
        {
            return Invalid(
                path,
                line,
                $"'{key}' is not a key of {where}: a profile holds no secrets",
                "Name an environment variable in keyPassphraseEnv, passwordEnv or sudoPasswordEnv, or use -KeyPassphrase, -Credential or -SudoCredential of Get-EtcdCluster.");
        }

        var nearest = Spelling.Nearest(key, known);
        return Invalid(
            path,
            line,
            $"'{key}' is not a key of {where}{(nearest is null ? "" : $"; did you mean '{nearest}'?")}",
            $"Its keys are {string.Join(", ", known.Order(StringComparer.Ordinal))}.");
    }

    public static EtcdDrException MissingFile(string profile, ProfileFile file) => new(
        file.ErrorId,
        EtcdDrErrorCategory.ObjectNotFound,
        $"{profile}, line {file.Line}: '{file.Key}' names {file.Path}, which does not exist.",
        file.Key == "knownHosts"
            ? $"Make it with: ssh-keyscan -H NODE >> {file.Path}, and compare the fingerprints with those on the nodes; or correct the path."
            : "Correct the path; relative paths start at the profile's directory.",
        file.Path);

    public static EtcdDrException NoCluster(string path, string name, IReadOnlyCollection<string> known)
    {
        var nearest = Spelling.Nearest(name, known);
        return new EtcdDrException(
            "ClusterNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            $"The profile {path} has no cluster '{name}'{(nearest is null ? "" : $"; did you mean '{nearest}'?")}.",
            known.Count == 0 ? "Add the cluster below 'clusters'." : $"Its clusters are {string.Join(", ", known)}.",
            name);
    }

    public static EtcdDrException NoSecret(string path, string key, string variable) => new(
        "ProfileSecretNotSet",
        EtcdDrErrorCategory.AuthenticationError,
        $"{path}: '{key}' names the environment variable {variable}, which is not set.",
        $"Set {variable}, or give the secret as a parameter of Get-EtcdCluster.",
        variable);
}
