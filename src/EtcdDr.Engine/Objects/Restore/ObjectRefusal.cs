using System.Net;
using EtcdDr.Engine.Kube;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>What a refusal of an object means.</summary>
internal static class ObjectRefusal
{
    // Refusals that tell of something which is just being made, as Kubernetes words them.
    private static readonly string[] Passing =
    [
        "because it is being terminated",
        "object is being deleted",
        "the server could not find the requested resource",
        "status unknown for quota",
        "error looking up service account",
        "no matches for kind",
        "failed to create typed patch object",
    ];

    private static readonly string[] Immutable =
    [
        "field is immutable",
        "is immutable",
        "updates to",
        "may not change once set",
        "cannot be changed",
        "may not be changed",
        "spec is immutable",
    ];

    /// <summary>Whether the same request may succeed a little later: a webhook that is not up yet, a definition that is not served yet, a
    /// namespace that is being emptied, a server that is away.</summary>
    public static bool MayPass(EtcdDrException failure)
    {
        if (failure.ErrorId == "KubeApiUnreachable")
        {
            return true;
        }

        if (KubeStatusException.Of(failure) is not { } refusal)
        {
            return false;
        }

        return refusal.Status switch
        {
            HttpStatusCode.InternalServerError
            or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout
            or HttpStatusCode.TooManyRequests => true,
            HttpStatusCode.Conflict => !IsConflict(failure) && refusal.Reason != "Invalid",
            HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.BadRequest => Says(refusal, Passing),
            _ => false,
        };
    }

    /// <summary>Whether other managers own fields that differ.</summary>
    public static bool IsConflict(EtcdDrException failure) =>
        KubeStatusException.Of(failure) is { Status: HttpStatusCode.Conflict } refusal
        && refusal.Causes.Any(c => c.Reason == "FieldManagerConflict");

    /// <summary>Whether a field differs that cannot be changed.</summary>
    public static bool IsImmutable(EtcdDrException failure) =>
        KubeStatusException.Of(failure) is { Status: HttpStatusCode.UnprocessableEntity } refusal && Says(refusal, Immutable);

    /// <summary>Whether the namespace is not there.</summary>
    public static bool IsNamespaceMissing(EtcdDrException failure, string? space) =>
        space is not null
        && KubeStatusException.Of(failure) is { Status: HttpStatusCode.NotFound } refusal
        && refusal.Message.Contains($"namespaces \"{space}\" not found", StringComparison.Ordinal);

    /// <summary>The fields that a refusal is about.</summary>
    public static IReadOnlyList<string> Fields(EtcdDrException failure) =>
        [.. (KubeStatusException.Of(failure)?.Causes ?? []).Select(c => c.Field.TrimStart('.')).Where(f => f.Length > 0).Distinct()];

    private static bool Says(KubeStatusException refusal, string[] words) =>
        Array.Exists(words, w => refusal.Message.Contains(w, StringComparison.OrdinalIgnoreCase));
}
