using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EtcdDr.Engine.Objects.Cleaning;

/// <summary>Service accounts and the secrets of their tokens.</summary>
internal static partial class AccountRules
{
    private const string TokenType = "kubernetes.io/service-account-token";

    /// <summary>Cleans a service account, which is changed: the names of tokens that the cluster made for it go.</summary>
    public static void CleanAccount(JsonObject body)
    {
        var name = body.TextAt("metadata", "name") ?? string.Empty;
        body.RemoveItems("secrets", s => IsMadeFor(name, s.TextAt("name") ?? string.Empty));
    }

    /// <summary>Cleans the secret of a token, which is changed: the former cluster's token goes, and the other one writes its own. All
    /// other secrets stay as they are.</summary>
    public static void CleanSecret(JsonObject body, List<string> notes)
    {
        if (body.TextAt("type") != TokenType)
        {
            return;
        }

        body.RemoveEntries("data", key => key is "token" or "ca.crt" or "namespace");
        notes.Add("Its token is made anew by the cluster.");
    }

    /// <summary>Whether a secret is a token that the cluster made by itself, as it did before Kubernetes 1.24.</summary>
    public static bool IsMadeToken(JsonObject body) =>
        body.TextAt("type") == TokenType
        && IsMadeFor(
            body.TextAt("metadata", "annotations", "kubernetes.io/service-account.name") ?? string.Empty,
            body.TextAt("metadata", "name") ?? string.Empty
        );

    private static bool IsMadeFor(string account, string secret) =>
        secret.StartsWith(account, StringComparison.Ordinal) && MadeName().IsMatch(secret.AsSpan(account.Length));

    [GeneratedRegex(@"\A-(?:token|dockercfg)-[a-z0-9]{5}\z", RegexOptions.CultureInvariant)]
    private static partial Regex MadeName();
}
