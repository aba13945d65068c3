using System.Security.Cryptography;
using System.Text;
using EtcdDr.Engine.Tls;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// A kubeconfig file. Read by ourselves, because KubernetesClient takes another context than the one asked for if only the case differs,
/// passes over <c>proxy-url</c>, <c>tokenFile</c> and <c>as</c>, and cannot say which line is wrong.
/// </summary>
public sealed class Kubeconfig
{
    private const long MaximumLength = 4 * 1024 * 1024;

    private readonly YamlElement _root;

    private Kubeconfig(string path, YamlElement root)
    {
        Path = path;
        _root = root;
        Contexts = [.. Entries("contexts").Select(c => c.TextOf("name")).OfType<string>()];
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Names of the contexts in the order of the file.</summary>
    public IReadOnlyList<string> Contexts { get; }

    /// <summary>The current context; null where none is set.</summary>
    public string? CurrentContext => _root.TextOf("current-context") is { Length: > 0 } name ? name : null;

    /// <summary>Reads a kubeconfig.</summary>
    /// <param name="path">The file; nothing is searched for in its place.</param>
    /// <exception cref="EtcdDrException"><c>KubeconfigNotFound</c>, <c>KubeconfigUnreadable</c>, <c>KubeconfigInvalid</c>.</exception>
    public static Kubeconfig Load(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        return Parse(full, ReadText(full));
    }

    /// <summary>Reads the text of a kubeconfig.</summary>
    /// <param name="path">Where it is from, for messages and for relative paths in it.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="EtcdDrException"><c>KubeconfigInvalid</c>.</exception>
    internal static Kubeconfig Parse(string path, string text)
    {
        try
        {
            var root = YamlReader.Read(text);
            return root is { Kind: YamlKind.Mapping }
                ? new Kubeconfig(path, root)
                : throw KubeErrors.KubeconfigInvalid(path, Errors.KubeconfigInvalid_Empty_Part);
        }
        catch (YamlFormatException e)
        {
            throw KubeErrors.KubeconfigInvalid(path, e.Message, e.Line, e);
        }
    }

    /// <summary>
    /// The entry of the user whom the current context names; null where there is none. No file that it names is looked at.
    /// </summary>
    internal YamlElement? UserOfCurrentContext() =>
        CurrentContext is { } name && Find("contexts", name)?["context"]?.TextOf("user") is { } user ? Find("users", user)?["user"] : null;

    /// <summary>The context of a name, exactly; the current one for null.</summary>
    /// <exception cref="EtcdDrException"><c>KubeContextNotFound</c>, <c>KubeconfigInvalid</c>.</exception>
    public KubeconfigContext Context(string? name)
    {
        var wanted = string.IsNullOrEmpty(name) ? CurrentContext : name;
        var context = wanted is null ? null : Find("contexts", wanted);
        if (context is null)
        {
            throw KubeErrors.ContextNotFound(Path, wanted, Contexts);
        }

        var details = context["context"];
        var clusterName =
            details?.TextOf("cluster") ?? throw Invalid(Errors.KubeconfigInvalid_ContextCluster_Part.With(wanted), context.Line);
        var cluster =
            Find("clusters", clusterName)?["cluster"]
            ?? throw Invalid(Errors.KubeconfigInvalid_ClusterNotThere_Part.With(wanted, clusterName), context.Line);
        var userName = details.TextOf("user");
        var user = userName is null
            ? null
            : Find("users", userName) ?? throw Invalid(Errors.KubeconfigInvalid_UserNotThere_Part.With(wanted, userName), context.Line);
        return new KubeconfigContext
        {
            Path = Path,
            Name = wanted!,
            Cluster = clusterName,
            User = userName,
            Server = Server(cluster, clusterName),
            CertificateAuthorityPem = CertificateAuthority(cluster),
            TlsServerName = cluster.TextOf("tls-server-name") is { Length: > 0 } serverName ? serverName : null,
            SkipTlsVerify = Flag(cluster, "insecure-skip-tls-verify"),
            Proxy = Proxy(cluster),
            ClusterEntry = cluster,
            UserEntry = user?["user"],
        };
    }

    /// <summary>A path of the kubeconfig: relative ones start at its directory.</summary>
    internal static string Resolve(string kubeconfig, string path) =>
        System.IO.Path.GetFullPath(path, System.IO.Path.GetDirectoryName(kubeconfig) ?? "/");

    /// <summary>Decodes one of the <c>*-data</c> values.</summary>
    internal static string Decode(string kubeconfig, YamlElement entry, string key)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(entry.TextOf(key) ?? ""));
        }
        catch (FormatException e)
        {
            throw KubeErrors.KubeconfigInvalid(kubeconfig, Errors.KubeconfigInvalid_Base64_Part.With(key), entry[key]?.Line, e);
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                throw KubeErrors.KubeconfigNotFound(path);
            }

            return file.Length <= MaximumLength
                ? File.ReadAllText(path)
                : throw KubeErrors.KubeconfigInvalid(path, Errors.KubeconfigInvalid_TooLarge_Part);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw KubeErrors.KubeconfigUnreadable(path, e);
        }
    }

    private static bool Flag(YamlElement entry, string key) => entry[key] is { } value && value.TryGetBoolean(out var set) && set;

    private IEnumerable<YamlElement> Entries(string list) => _root[list]?.Items ?? [];

    private YamlElement? Find(string list, string name) =>
        Entries(list).FirstOrDefault(e => string.Equals(e.TextOf("name"), name, StringComparison.Ordinal));

    private EtcdDrException Invalid(string cause, int line) => KubeErrors.KubeconfigInvalid(Path, cause, line);

    private Uri Server(YamlElement cluster, string name)
    {
        var text = cluster.TextOf("server") ?? throw Invalid(Errors.KubeconfigInvalid_NoServer_Part.With(name), cluster.Line);
        return
            Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}", UriKind.Absolute, out var server)
            && server.Scheme is "http" or "https"
            && server?.Host.Length > 0
            ? server
            : throw Invalid(Errors.KubeconfigInvalid_Server_Part.With(text), cluster["server"]!.Line);
    }

    private string? CertificateAuthority(YamlElement cluster)
    {
        if (cluster["certificate-authority-data"] is { Text.Length: > 0 } data)
        {
            return Certificates(Decode(Path, cluster, "certificate-authority-data"), "certificate-authority-data", data.Line);
        }

        if (cluster["certificate-authority"] is not { Text.Length: > 0 } file)
        {
            return null;
        }

        var path = Resolve(Path, file.Text);
        try
        {
            return Certificates(File.ReadAllText(path), path, file.Line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw KubeErrors.KubeconfigInvalid(Path, Errors.KubeconfigInvalid_AuthorityUnreadable_Part.With(path, e.Message), file.Line, e);
        }
    }

    private string Certificates(string pem, string source, int line)
    {
        try
        {
            foreach (var certificate in TlsCertificates.LoadAll(pem))
            {
                certificate.Dispose();
            }

            return pem;
        }
        catch (CryptographicException e)
        {
            throw KubeErrors.KubeconfigInvalid(Path, Errors.KubeconfigInvalid_NoCertificate_Part.With(source), line, e);
        }
    }

    private Uri? Proxy(YamlElement cluster)
    {
        var text = cluster.TextOf("proxy-url");
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5"
            ? proxy
            : throw Invalid(Errors.KubeconfigInvalid_Proxy_Part, cluster["proxy-url"]!.Line);
    }
}
