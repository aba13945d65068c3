namespace EtcdDr.Engine.ControlPlane.Manifests;

/// <summary>The errors that reading a node's static-pod manifests can end with.</summary>
internal static class ManifestErrors
{
    public static EtcdDrException Invalid(string node, string path, string cause, Exception? inner = null) =>
        new(
            "ManifestInvalid",
            EtcdDrErrorCategory.InvalidData,
            Errors.ManifestInvalid.With(path, node, cause),
            Errors.ManifestInvalid_Action.With(path, node),
            node,
            inner
        );

    public static EtcdDrException Unsupported(string node, string message, string action) =>
        new("ManifestUnsupported", EtcdDrErrorCategory.NotImplemented, message, action, node);

    public static EtcdDrException ExternalEtcd(string node, IEnumerable<string> servers) =>
        new(
            "ExternalEtcd",
            EtcdDrErrorCategory.NotImplemented,
            Errors.ExternalEtcd.With(node, string.Join(", ", servers)),
            Errors.ExternalEtcd_Action,
            node
        );

    public static EtcdDrException NoEtcdManifest(string node, string directory) =>
        new(
            "EtcdManifestNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.EtcdManifestNotFound.With(node, directory),
            Errors.EtcdManifestNotFound_Action,
            node
        );

    public static EtcdDrException NoApiServerManifest(string node, string directory) =>
        new(
            "ApiServerManifestNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.ApiServerManifestNotFound.With(node, directory),
            Errors.ApiServerManifestNotFound_Action,
            node
        );

    public static EtcdDrException NoDirectory(string node, string directory) =>
        new(
            "ManifestDirectoryNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.ManifestDirectoryNotFound.With(node, directory),
            Errors.ManifestDirectoryNotFound_Action,
            node
        );
}
