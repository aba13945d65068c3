using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Yaml;
using k8s.Authentication;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// Tokens of an OpenID Connect server. KubernetesClient renews them, but asks the issuer's own URL for it; where an issuer takes such
/// requests is in its discovery document (OpenID Connect Discovery 1.0, section 4), which is read when a token has to be renewed and not
/// before.
/// </summary>
internal sealed class OpenIdTokens : ITokenProvider
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly YamlElement _config;
    private OidcTokenProvider? _renewing;

    private OpenIdTokens(YamlElement config) => _config = config;

    /// <summary>Tokens for a provider's entry; null where it says nothing of renewal, so that its token is used as it is.</summary>
    public static OpenIdTokens? From(YamlElement? config) =>
        config?.TextOf("refresh-token") is { Length: > 0 }
        && config.TextOf("idp-issuer-url") is { Length: > 0 }
        && config.TextOf("client-id") is { Length: > 0 }
            ? new OpenIdTokens(config)
            : null;

    public async Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        if (_renewing is null && _config.TextOf("id-token") is { } token && Expiry(token) > DateTimeOffset.UtcNow + Margin)
        {
            return new AuthenticationHeaderValue("Bearer", token);
        }

        _renewing ??= new OidcTokenProvider(
            _config.TextOf("client-id"),
            _config.TextOf("client-secret"),
            await TokenEndpointAsync(_config.TextOf("idp-issuer-url")!, cancellationToken),
            _config.TextOf("id-token"),
            _config.TextOf("refresh-token")
        );
        return await _renewing.GetAuthenticationHeaderAsync(cancellationToken);
    }

    private static async Task<string> TokenEndpointAsync(string issuer, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var document = await client.GetStringAsync(new Uri($"{issuer.TrimEnd('/')}/.well-known/openid-configuration"), cancellationToken);
        return JsonNode.Parse(document)?["token_endpoint"]?.GetValue<string>()
            ?? throw new FormatException(Errors.KubeCredentialFailed_TokenEndpoint_Part.With(issuer));
    }

    // The exp claim of a JSON Web Token (RFC 7519); a token that cannot be read counts as expired.
    private static DateTimeOffset Expiry(string token)
    {
        try
        {
            var claims = token.Split('.') is [_, var payload, _] ? JsonNode.Parse(Base64Url.DecodeFromChars(payload)) as JsonObject : null;
            return DateTimeOffset.FromUnixTimeSeconds((long?)claims?["exp"] ?? 0);
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            return DateTimeOffset.UnixEpoch;
        }
    }
}
