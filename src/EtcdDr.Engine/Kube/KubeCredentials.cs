using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using EtcdDr.Engine.Tls;
using EtcdDr.Engine.Trust;
using EtcdDr.Engine.Yaml;
using k8s;
using k8s.Authentication;
using k8s.Exceptions;
using k8s.KubeConfigModels;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// What a kubeconfig's user shows to the API: client certificate, token, password, the outcome of a credential plugin, and whom it acts as.
/// KubernetesClient reads tokens, passwords, plugins and OIDC; the rest it does not know.
/// </summary>
internal sealed class KubeCredentials : IDisposable
{
    private readonly KubeconfigContext _context;
    private readonly ITokenProvider? _tokens;
    private readonly AuthenticationHeaderValue? _header;
    private readonly List<KeyValuePair<string, string>> _impersonation;

    private KubeCredentials(
        KubeconfigContext context,
        SslClientIdentity? identity,
        ITokenProvider? tokens,
        AuthenticationHeaderValue? header,
        List<KeyValuePair<string, string>> impersonation)
    {
        _context = context;
        Identity = identity;
        _tokens = tokens;
        _header = header;
        _impersonation = impersonation;
    }

    /// <summary>The client certificate; null where there is none.</summary>
    public SslClientIdentity? Identity { get; }

    /// <summary>Reads the credentials of a context's user; runs the credential plugin if there is one.</summary>
    public static async Task<KubeCredentials> LoadAsync(KubeconfigContext context, CancellationToken cancellationToken)
    {
        if (context.UserEntry is not { Kind: YamlKind.Mapping } entry)
        {
            return new KubeCredentials(context, null, null, null, []);
        }

        try
        {
            var configuration = await ConfigurationAsync(context, entry, cancellationToken);
            return new KubeCredentials(
                context, Certificate(context, entry, configuration), Tokens(context, entry, configuration), Header(configuration), Impersonation(entry));
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or KubeConfigException or FormatException)
        {
            throw KubeErrors.CredentialFailed(context.Path, context.User ?? "", FirstLine(e.Message), e);
        }
    }

    /// <summary>Puts the credentials on a request.</summary>
    public async Task ApplyAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = _tokens is null ? _header : await TokenAsync(_tokens, cancellationToken);
        foreach (var (name, value) in _impersonation)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Identity?.Dispose();

    private async Task<AuthenticationHeaderValue> TokenAsync(ITokenProvider tokens, CancellationToken cancellationToken)
    {
        try
        {
            return await tokens.GetAuthenticationHeaderAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Providers read files, run programs and ask identity servers; whatever goes wrong there is about the credentials.
            throw KubeErrors.CredentialFailed(_context.Path, _context.User ?? "", FirstLine((e.InnerException ?? e).Message), e);
        }
    }

    private static async Task<KubernetesClientConfiguration?> ConfigurationAsync(KubeconfigContext context, YamlElement entry, CancellationToken cancellationToken)
    {
        var credentials = new UserCredentials
        {
            Token = entry.TextOf("token"),
            UserName = entry.TextOf("username"),
            Password = entry.TextOf("password"),
            ExternalExecution = Plugin(context, entry["exec"]),
            AuthProvider = Provider(entry["auth-provider"]),
        };
        if (credentials is { Token: null or "", UserName: null or "", ExternalExecution: null, AuthProvider: null })
        {
            return null;
        }

        var configuration = new K8SConfiguration
        {
            FileName = context.Path,
            Contexts = [new Context { Name = context.Name, ContextDetails = new ContextDetails { Cluster = context.Cluster, User = context.User } }],
            Clusters = [new Cluster { Name = context.Cluster, ClusterEndpoint = new ClusterEndpoint { Server = context.Server.ToString() } }],
            Users = [new User { Name = context.User, UserCredentials = credentials }],
        };

        // A plugin runs inside this call and blocks: not on the caller's thread, and a cancelled caller does not wait for it.
        return await Task.Run(() => KubernetesClientConfiguration.BuildConfigFromConfigObject(configuration, context.Name), cancellationToken).WaitAsync(cancellationToken);
    }

    private static ExternalExecution? Plugin(KubeconfigContext context, YamlElement? exec)
    {
        if (exec is null)
        {
            return null;
        }

        FileTrust.Require(context.Path);
        var command = exec.TextOf("command") ?? throw new KubeConfigException(Errors.KubeCredentialFailed_Exec_Part);
        return new ExternalExecution
        {
            ApiVersion = exec.TextOf("apiVersion"),
            // As kubectl does: a command with a slash is a path from the kubeconfig, one without is looked up in PATH.
            Command = command.Contains('/', StringComparison.Ordinal) ? Kubeconfig.Resolve(context.Path, command) : command,
            // KubernetesClient joins the arguments by blanks.
            Arguments = exec["args"]?.Items.Select(a => Quote(a.Text)).ToList(),
            EnvironmentVariables = exec["env"]?.Items
                .Select(v => new Dictionary<string, string> { ["name"] = v.TextOf("name") ?? "", ["value"] = v.TextOf("value") ?? "" }).ToList(),
        };
    }

    private static string Quote(string argument)
    {
        var quoted = new StringBuilder("\"");
        var backslashes = 0;
        foreach (var c in argument)
        {
            // ProcessStartInfo.Arguments: backslashes are literal unless they stand before a quote.
            quoted.Append(c == '"' ? new string('\\', backslashes + 1) : "").Append(c);
            backslashes = c == '\\' ? backslashes + 1 : 0;
        }

        return quoted.Append('\\', backslashes).Append('"').ToString();
    }

    private static AuthProvider? Provider(YamlElement? provider) => provider is null
        ? null
        : new AuthProvider
        {
            Name = provider.TextOf("name"),
            Config = provider["config"]?.Entries.ToDictionary(e => e.Key, e => e.Value.Text, StringComparer.Ordinal) ?? [],
        };

    private static SslClientIdentity? Certificate(KubeconfigContext context, YamlElement entry, KubernetesClientConfiguration? configuration)
    {
        var certificate = Pem(context, entry, "client-certificate-data", "client-certificate");
        var key = Pem(context, entry, "client-key-data", "client-key");
        if (configuration?.ClientCertificateData is { } fromPlugin && configuration.ClientCertificateKeyData is { } keyFromPlugin)
        {
            certificate = Encoding.UTF8.GetString(Convert.FromBase64String(fromPlugin));
            key = Encoding.UTF8.GetString(Convert.FromBase64String(keyFromPlugin));
        }

        return (certificate, key) switch
        {
            (null, null) => null,
            (not null, not null) => TlsCertificates.LoadIdentity(certificate, key),
            _ => throw new KubeConfigException(certificate is null ? Errors.KubeCredentialFailed_KeyOnly_Part : Errors.KubeCredentialFailed_CertificateOnly_Part),
        };
    }

    private static string? Pem(KubeconfigContext context, YamlElement entry, string dataKey, string fileKey)
    {
        if (entry.TextOf(dataKey) is { Length: > 0 })
        {
            return Kubeconfig.Decode(context.Path, entry, dataKey);
        }

        return entry.TextOf(fileKey) is { Length: > 0 } file ? File.ReadAllText(Kubeconfig.Resolve(context.Path, file)) : null;
    }

    private static ITokenProvider? Tokens(KubeconfigContext context, YamlElement entry, KubernetesClientConfiguration? configuration) =>
        entry.TextOf("tokenFile") is { Length: > 0 } file ? new TokenFileAuth(Existing(Kubeconfig.Resolve(context.Path, file))) : configuration?.TokenProvider;

    private static string Existing(string file) => File.Exists(file) ? file : throw new FileNotFoundException(Errors.KubeCredentialFailed_TokenFile_Part.With(file));

    private static AuthenticationHeaderValue? Header(KubernetesClientConfiguration? configuration) => configuration switch
    {
        { AccessToken: { Length: > 0 } token } => new AuthenticationHeaderValue("Bearer", token),
        { Username: { Length: > 0 } user } => new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{configuration.Password}"))),
        _ => null,
    };

    private static List<KeyValuePair<string, string>> Impersonation(YamlElement entry)
    {
        var headers = new List<KeyValuePair<string, string>>();
        if (entry.TextOf("as") is not { Length: > 0 } user)
        {
            return headers;
        }

        headers.Add(new("Impersonate-User", user));
        if (entry.TextOf("as-uid") is { Length: > 0 } uid)
        {
            headers.Add(new("Impersonate-Uid", uid));
        }

        headers.AddRange((entry["as-groups"]?.Items ?? []).Select(g => new KeyValuePair<string, string>("Impersonate-Group", g.Text)));
        foreach (var extra in entry["as-user-extra"]?.Entries ?? [])
        {
            headers.AddRange(extra.Value.Items.Select(v => new KeyValuePair<string, string>($"Impersonate-Extra-{Uri.EscapeDataString(extra.Key)}", v.Text)));
        }

        return headers;
    }

    private static string FirstLine(string message) => message.Split('\n', 2)[0].Trim();
}
