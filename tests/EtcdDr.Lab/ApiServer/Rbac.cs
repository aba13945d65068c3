using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>Who may what, by the roles and bindings that are stored, as the real RBAC authorizer judges.</summary>
internal sealed class Rbac
{
    private readonly IObjectStore store;
    private readonly string root;
    private readonly Recent<Rules> recent;

    public Rbac(IObjectStore store, string root)
    {
        (this.store, this.root) = (store, root);
        recent = new Recent<Rules>(ReadAsync);
    }

    /// <summary>Whether a binding gives it.</summary>
    public async Task<bool> AllowsAsync(User user, Access access, CancellationToken cancellationToken)
    {
        var rules = await recent.GetAsync(cancellationToken);
        return Bound(rules.ClusterBindings, user, rules, null).Any(r => Fits(r, access))
            || (
                access.Namespace is { } ns
                && Bound(rules.Bindings.Where(b => b.Namespace() == ns), user, rules, ns).Any(r => Fits(r, access))
            );
    }

    private async Task<Rules> ReadAsync(CancellationToken cancellationToken) =>
        new(
            await ListAsync("clusterrolebindings", cancellationToken),
            await ListAsync("rolebindings", cancellationToken),
            await ListAsync("clusterroles", cancellationToken),
            await ListAsync("roles", cancellationToken)
        );

    private async Task<IReadOnlyList<JsonObject>> ListAsync(string plural, CancellationToken cancellationToken)
    {
        var resource = Resources.BuiltIn.First(r => r.Plural == plural);
        var found = new List<JsonObject>();
        await foreach (var page in store.PagesAsync(resource, resource.Prefix(root, null), cancellationToken))
            found.AddRange(page.Items.Select(i => i.Object));
        return found;
    }

    private static IEnumerable<JsonObject> Bound(IEnumerable<JsonObject> bindings, User user, Rules rules, string? ns) =>
        bindings.Where(b => b.Items("subjects").Any(s => Is(s, user))).SelectMany(b => RulesOf(b, rules, ns));

    private static IEnumerable<JsonObject> RulesOf(JsonObject binding, Rules rules, string? ns)
    {
        var name = binding.Text("roleRef", "name");
        var role =
            binding.Text("roleRef", "kind") == "Role"
                ? rules.Roles.FirstOrDefault(r => r.Name() == name && r.Namespace() == ns)
                : rules.ClusterRoles.FirstOrDefault(r => r.Name() == name);
        return role.Items("rules");
    }

    private static bool Is(JsonObject subject, User user) =>
        subject.Text("kind") switch
        {
            "User" => subject.Text("name") == user.Name,
            "Group" => user.Groups.Contains(subject.Text("name") ?? ""),
            "ServiceAccount" => user.Name == $"system:serviceaccount:{subject.Text("namespace")}:{subject.Text("name")}",
            _ => false,
        };

    private static bool Fits(JsonObject rule, Access access)
    {
        if (!Has(rule, "verbs", access.Verb))
            return false;
        if (access.Path is { } path)
            return rule.Texts("nonResourceURLs")
                .Any(p => p == "*" || p == path || (p.EndsWith('*') && path.StartsWith(p[..^1], StringComparison.Ordinal)));
        var names = rule.Texts("resourceNames").ToList();
        return Has(rule, "apiGroups", access.Group)
            && (Has(rule, "resources", access.Resource) || (access.Subresource is { } sub && Has(rule, "resources", $"*/{sub}")))
            && (names.Count == 0 || (access.Name is { } name && names.Contains(name)));
    }

    private static bool Has(JsonObject rule, string list, string wanted) => rule.Texts(list).Any(v => v == "*" || v == wanted);

    private sealed record Rules(
        IReadOnlyList<JsonObject> ClusterBindings,
        IReadOnlyList<JsonObject> Bindings,
        IReadOnlyList<JsonObject> ClusterRoles,
        IReadOnlyList<JsonObject> Roles
    );
}
