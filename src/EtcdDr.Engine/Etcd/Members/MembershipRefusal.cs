using Grpc.Core;

namespace EtcdDr.Engine.Etcd;

/// <summary>Knows etcd's refusals of changes by their words (api/v3rpc/rpctypes/error.go); their status codes are shared by many.</summary>
internal static class MembershipRefusal
{
    private static readonly (string Words, MembershipRefusalKind Kind)[] Known =
    [
        ("in sync with leader", MembershipRefusalKind.LearnerBehind),
        ("can only promote a learner member", MembershipRefusalKind.NotLearner),
        ("unhealthy cluster", MembershipRefusalKind.Unhealthy),
        ("not enough started members", MembershipRefusalKind.NotStarted),
        ("too many learner members", MembershipRefusalKind.TooManyLearners),
        ("Peer URLs already exists", MembershipRefusalKind.Exists),
        ("member ID already exist", MembershipRefusalKind.Exists),
        ("member not found", MembershipRefusalKind.NotFound),
    ];

    /// <summary>What a reply's words mean.</summary>
    public static MembershipRefusalKind Of(string detail) =>
        Known.FirstOrDefault(k => detail.Contains(k.Words, StringComparison.Ordinal)).Kind;

    /// <summary>What an error of a connection means.</summary>
    public static MembershipRefusalKind Of(EtcdDrException error) =>
        error is { ErrorId: "EtcdMembershipRefused", InnerException: RpcException rpc }
            ? Of(rpc.Status.Detail)
            : MembershipRefusalKind.None;

    /// <summary>Whether the same change may well be taken a moment later.</summary>
    public static bool Passes(EtcdDrException error) =>
        Of(error) is MembershipRefusalKind.LearnerBehind or MembershipRefusalKind.Unhealthy or MembershipRefusalKind.NotStarted
        || error.ErrorId is "EtcdUnreachable" or "EtcdTimeout" or "EtcdNoLeader";
}
