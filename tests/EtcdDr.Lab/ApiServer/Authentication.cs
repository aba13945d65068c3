using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Lab.ApiServer;

/// <summary>Who asks: a client certificate of the cluster's CA, a service-account token, or nobody.</summary>
internal sealed class Authentication : IDisposable
{
    private static readonly Resource Accounts = Resources.BuiltIn.First(r => r.Plural == "serviceaccounts");
    private static readonly Resource Secrets = Resources.BuiltIn.First(r => r.Plural == "secrets");
    private readonly X509Certificate2Collection authorities;
    private readonly List<RSA> verifyKeys = [];
    private readonly RSA? signingKey;
    private readonly IReadOnlyList<string> issuers;
    private readonly ConcurrentDictionary<string, User?> known = new();

    private readonly IObjectStore store;
    private readonly string root;

    public Authentication(ApiServerFlags flags, IObjectStore store, string root)
    {
        (this.store, this.root) = (store, root);
        authorities = flags["client-ca-file"] is { } file ? Trust.Load(file) : [];
        issuers = flags.All("service-account-issuer");
        foreach (var path in flags.All("service-account-key-file"))
        {
            if (Load(path) is { } key)
                verifyKeys.Add(key);
        }

        signingKey = flags["service-account-signing-key-file"] is { } signing ? Load(signing) : null;
    }

    /// <summary>Who the request is from; anonymous without credentials, 401 with bad ones.</summary>
    public async Task<User> AuthenticateAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return await TokenAsync(header[7..].Trim(), context.RequestAborted) ?? throw StatusException.Unauthorized();
        if (context.Connection.ClientCertificate is { } certificate)
            return known.GetOrAdd(certificate.Thumbprint, _ => FromCertificate(certificate)) ?? throw StatusException.Unauthorized();
        return new User("system:anonymous", ["system:unauthenticated"]);
    }

    /// <summary>A token of a service account, as TokenRequest gives it.</summary>
    public (string Token, DateTimeOffset Expires) Issue(string ns, string name, string uid, IEnumerable<string> audiences, long seconds)
    {
        if (signingKey is null)
            throw new StatusException(500, "InternalError", "no --service-account-signing-key-file");
        var now = DateTimeOffset.UtcNow;
        var claims = new JsonObject
        {
            ["aud"] = new JsonArray(
                audiences.DefaultIfEmpty(issuers.Count > 0 ? issuers[0] : "").Select(a => (JsonNode?)JsonValue.Create(a)).ToArray()
            ),
            ["exp"] = now.AddSeconds(seconds).ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["iss"] = issuers.Count > 0 ? issuers[0] : "",
            ["sub"] = $"system:serviceaccount:{ns}:{name}",
            ["kubernetes.io"] = new JsonObject
            {
                ["namespace"] = ns,
                ["serviceaccount"] = new JsonObject { ["name"] = name, ["uid"] = uid },
            },
        };
        var text = $"{Encode("{\"alg\":\"RS256\",\"typ\":\"JWT\"}")}.{Encode(claims.ToJsonString())}";
        var signature = signingKey.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return ($"{text}.{Base64Url(signature)}", now.AddSeconds(seconds));
    }

    public void Dispose()
    {
        foreach (var key in verifyKeys)
            key.Dispose();
        signingKey?.Dispose();
    }

    private User? FromCertificate(X509Certificate2 certificate)
    {
        using var chain = new X509Chain { ChainPolicy = Trust.Policy(authorities) };
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreWrongUsage;
        if (!chain.Build(certificate))
            return null;
        var groups = new List<string> { "system:authenticated" };
        var name = "";
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements)
                continue;
            if (part.GetSingleElementType().Value == "2.5.4.3")
                name = part.GetSingleElementValue() ?? "";
            if (part.GetSingleElementType().Value == "2.5.4.10")
                groups.Add(part.GetSingleElementValue() ?? "");
        }

        return new User(name, groups);
    }

    // --service-account-lookup: a token is worth what the account that it names is worth now, not when it was signed.
    private async Task<User?> TokenAsync(string token, CancellationToken cancellationToken)
    {
        if (Claims(token) is not { } claims || (claims.Text("sub") ?? "").Split(':') is not ["system", "serviceaccount", var ns, var name])
            return null;
        var account = await store.GetAsync(Accounts, Accounts.Key(root, ns, name), cancellationToken);
        var uid = claims.Text("kubernetes.io", "serviceaccount", "uid") ?? claims.Text("kubernetes.io/serviceaccount/service-account.uid");
        if (account is null || account.Object.Uid() != uid)
            return null;
        if (claims.Text("kubernetes.io/serviceaccount/secret.name") is { } secret)
        {
            var stored = await store.GetAsync(Secrets, Secrets.Key(root, ns, secret), cancellationToken);
            if (stored is null)
                return null;
        }

        return new User(
            $"system:serviceaccount:{ns}:{name}",
            ["system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated"]
        );
    }

    private JsonNode? Claims(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3)
            return null;
        try
        {
            var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
            var signature = Decode(parts[2]);
            if (!verifyKeys.Exists(k => k.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)))
                return null;
            var claims = JsonNode.Parse(Decode(parts[1]));
            if (claims.Number("exp") is { } end && DateTimeOffset.UtcNow.ToUnixTimeSeconds() > end)
                return null;
            if (claims.Text("iss") is { } issuer && issuer != "kubernetes/serviceaccount" && !issuers.Contains(issuer))
                return null;
            return claims;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }

    // The real one takes other keys and certificates too; no token in the lab is signed with one.
    private static RSA? Load(string path)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(File.ReadAllText(path));
            return rsa;
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            rsa.Dispose();
            return null;
        }
    }

    private static string Encode(string text) => Base64Url(Encoding.UTF8.GetBytes(text));

    internal static string Base64Url(byte[] data) => Convert.ToBase64String(data).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    internal static byte[] Decode(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(padded + new string('=', (4 - padded.Length % 4) % 4));
    }
}
