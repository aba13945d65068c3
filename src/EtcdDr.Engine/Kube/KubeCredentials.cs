using System.Security.Cryptography;
using EtcdDr.Engine.Tls;
using EtcdDr.Engine.Yaml;
using k8s;
using k8s.Authentication;
using k8s.Exceptions;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// What a kubeconfig's user shows to the API: client certificate, token, password, the outcome of a credential plugin, and whom it acts as.
/// Made once for a cluster and used by all connections to it.
/// </summary>
internal sealed class KubeCredentials : IDisposable
{
    private readonly KubernetesClientConfiguration _user;

    private KubeCredentials(
        KubernetesClientConfiguration user,
        SslClientIdentity? identity,
        IReadOnlyList<KeyValuePair<string, string>> impersonation
    )
    {
        _user = user;
        Identity = identity;
        Impersonation = impersonation;
    }

    /// <summary>The client certificate; null where there is none.</summary>
    public SslClientIdentity? Identity { get; }

    /// <summary>Headers that say whom the user acts as.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Impersonation { get; }

    /// <summary>Reads the credentials of a context's user; runs the credential plugin if there is one.</summary>
    public static async Task<KubeCredentials> LoadAsync(KubeconfigContext context, CancellationToken cancellationToken)
    {
        if (context.UserEntry is not { Kind: YamlKind.Mapping } entry)
        {
            return new KubeCredentials(new KubernetesClientConfiguration(), null, []);
        }

        try
        {
            var plugin = entry["exec"] is { } exec ? new KubeCredentialPlugin(context, exec) : null;
            var shown = plugin is null ? null : await plugin.RunAsync(cancellationToken);
            var tokens =
                plugin is null ? Tokens(context, entry)
                : shown?.Token is null ? null
                : plugin;
            var user = new KubernetesClientConfiguration
            {
                AccessToken = entry.TextOf("token") ?? IdToken(entry),
                Username = entry.TextOf("username"),
                Password = entry.TextOf("password"),
                TokenProvider = tokens is null ? null : new KubeTokens(context, tokens),
            };
            var certificate = shown?.ClientCertificateData ?? Pem(context, entry, "client-certificate-data", "client-certificate");
            var key = shown?.ClientKeyData ?? Pem(context, entry, "client-key-data", "client-key");
            return new KubeCredentials(user, Certificate(certificate, key), Impersonated(entry));
        }
        catch (Exception e)
            when (e is CryptographicException or IOException or UnauthorizedAccessException or KubeConfigException or FormatException)
        {
            throw KubeErrors.CredentialFailed(context, e);
        }
    }

    /// <summary>The configuration of a client that sends to a server with these credentials.</summary>
    /// <param name="server">The server's URL.</param>
    /// <param name="setUp">Sets up what the client connects with.</param>
    public KubernetesClientConfiguration For(Uri server, Action<SocketsHttpHandler> setUp) =>
        new()
        {
            Host = server.ToString(),
            AccessToken = _user.AccessToken,
            Username = _user.Username,
            Password = _user.Password,
            TokenProvider = _user.TokenProvider,
            UserAgent = $"EtcdDr/{typeof(KubeCredentials).Assembly.GetName().Version?.ToString(3)}",
            // Attempts have limits of their own; one over all of them would end a list or a wait in the middle.
            HttpClientTimeout = Timeout.InfiniteTimeSpan,
            FirstMessageHandlerSetup = setUp,
        };

    /// <inheritdoc/>
    public void Dispose()
    {
        Identity?.Dispose();
        (_user.TokenProvider as KubeTokens)?.Dispose();
    }

    private static ITokenProvider? Tokens(KubeconfigContext context, YamlElement entry)
    {
        if (entry.TextOf("tokenFile") is { Length: > 0 } file)
        {
            var path = Kubeconfig.Resolve(context.Path, file);
            return File.Exists(path)
                ? new TokenFileAuth(path)
                : throw new FileNotFoundException(Errors.KubeCredentialFailed_TokenFile_Part.With(path));
        }

        if (entry["auth-provider"] is not { } provider)
        {
            return null;
        }

        // Kubernetes 1.26 took the others out; their plugins took over.
        return provider.TextOf("name") == "oidc"
            ? OpenIdTokens.From(provider["config"])
            : throw new KubeConfigException(Errors.KubeCredentialFailed_Provider_Part.With(provider.TextOf("name")));
    }

    private static string? IdToken(YamlElement entry) => entry["auth-provider"]?["config"]?.TextOf("id-token");

    private static SslClientIdentity? Certificate(string? certificate, string? key) =>
        (certificate, key) switch
        {
            (null, null) => null,
            (not null, not null) => TlsCertificates.LoadIdentity(certificate, key),
            _ => throw new KubeConfigException(
                certificate is null ? Errors.KubeCredentialFailed_KeyOnly_Part : Errors.KubeCredentialFailed_CertificateOnly_Part
            ),
        };

    private static string? Pem(KubeconfigContext context, YamlElement entry, string dataKey, string fileKey)
    {
        if (entry.TextOf(dataKey) is { Length: > 0 })
        {
            return Kubeconfig.Decode(context.Path, entry, dataKey);
        }

        return entry.TextOf(fileKey) is { Length: > 0 } file ? File.ReadAllText(Kubeconfig.Resolve(context.Path, file)) : null;
    }

    private static List<KeyValuePair<string, string>> Impersonated(YamlElement entry)
    {
        if (entry.TextOf("as") is not { Length: > 0 } user)
        {
            return [];
        }

        var headers = new List<KeyValuePair<string, string>> { new("Impersonate-User", user) };
        if (entry.TextOf("as-uid") is { Length: > 0 } uid)
        {
            headers.Add(new("Impersonate-Uid", uid));
        }

        headers.AddRange((entry["as-groups"]?.Items ?? []).Select(g => new KeyValuePair<string, string>("Impersonate-Group", g.Text)));
        headers.AddRange(
            (entry["as-user-extra"]?.Entries ?? []).SelectMany(
                extra => extra.Value.Items,
                (extra, v) => new KeyValuePair<string, string>($"Impersonate-Extra-{Uri.EscapeDataString(extra.Key)}", v.Text)
            )
        );
        return headers;
    }
}
