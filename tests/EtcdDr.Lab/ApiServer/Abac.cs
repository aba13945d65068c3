using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary><c>--authorization-mode=ABAC</c>: a policy file with one JSON object a line (pkg/auth/authorizer/abac). Users, <c>*</c> and
/// <c>readonly</c> are known, groups and prefixes of paths are not.</summary>
internal sealed class Abac
{
    private readonly IReadOnlyList<JsonNode> policies;

    private Abac(IReadOnlyList<JsonNode> policies) => this.policies = policies;

    /// <summary>Reads the file of <c>--authorization-policy-file</c>; null where another mode is set.</summary>
    public static Abac? Read(ApiServerFlags flags) =>
        flags["authorization-mode"] == "ABAC"
            ? new Abac([
                .. File.ReadAllLines(flags.Required("authorization-policy-file"))
                    .Where(l => l.Length > 0)
                    .Select(l => JsonNode.Parse(l)!["spec"]!),
            ])
            : null;

    public bool Allows(User user, Access access) =>
        policies.Any(p => Fits(p, "user", user.Name) && IsAllowed(p, access) && (p.True("readonly") ? IsReading(access) : true));

    private static bool IsAllowed(JsonNode policy, Access access) =>
        access.Path is { } path
            ? Fits(policy, "nonResourcePath", path)
            : Fits(policy, "namespace", access.Namespace ?? "")
                && Fits(policy, "resource", access.Resource.Split('/')[0])
                && Fits(policy, "apiGroup", access.Group);

    private static bool IsReading(Access access) => access.Verb is "get" or "list" or "watch";

    private static bool Fits(JsonNode policy, string name, string value) =>
        policy.Text(name) is { } wanted && (wanted == "*" || wanted == value);
}
