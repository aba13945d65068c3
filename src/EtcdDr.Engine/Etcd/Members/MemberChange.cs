using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Etcd.Members;

/// <summary>What taking a member in and taking one out have in common.</summary>
internal static class MemberChange
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Asks etcd for a change until it takes it, or the time is over: it refuses while a voting member was away within the last five
    /// seconds, which is so right after every start.
    /// </summary>
    public static async Task<T> UntilTakenAsync<T>(
        Func<CancellationToken, Task<T>> change,
        TimeSpan limit,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var deadline = time.GetUtcNow() + limit;
        while (true)
        {
            try
            {
                return await change(cancellationToken);
            }
            catch (EtcdDrException e) when (MembershipRefusal.Passes(e) && time.GetUtcNow() < deadline)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Takes members out of the list; one that is gone already is as it should be.</summary>
    public static async Task RemoveAsync(
        MemberSite site,
        IEnumerable<EtcdMember> members,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        foreach (var member in members)
        {
            await UntilTakenAsync(
                async ct =>
                {
                    try
                    {
                        await site.Connection.RemoveMemberAsync(member.Id, ct);
                    }
                    catch (EtcdDrException e) when (MembershipRefusal.Of(e) == MembershipRefusalKind.NotFound)
                    {
                        site.Session.Context.Sink.Verbose($"Member {EtcdStatusOperation.Id(member.Id)} is not in the list any more.");
                    }

                    return true;
                },
                limit,
                site.Session.Context.Time,
                cancellationToken
            );
        }
    }

    /// <summary>Refuses where the rest would not have a quorum.</summary>
    /// <exception cref="EtcdDrException"><c>MemberRemovalRefused</c>.</exception>
    public static void RequireRemovable(MemberSite site, IReadOnlyList<EtcdMember> listed, IEnumerable<EtcdMember> members)
    {
        foreach (var member in members)
        {
            if (MemberRules.RemovalFault(listed, site.Healthy, member) is { } fault)
            {
                throw new EtcdDrException(
                    "MemberRemovalRefused",
                    EtcdDrErrorCategory.InvalidOperation,
                    Errors.MemberRemovalRefused.With(Name(member), site.Session.Cluster.Name, fault),
                    Errors.MemberRemovalRefused_Action,
                    Name(member)
                );
            }
        }
    }

    /// <summary>A member as people know it.</summary>
    public static string Name(EtcdMember member) => member.Name.Length > 0 ? member.Name : EtcdStatusOperation.Id(member.Id);

    /// <summary>A member with its id and its URLs.</summary>
    public static string Describe(EtcdMember member) =>
        $"{Name(member)} ({EtcdStatusOperation.Id(member.Id)}, {string.Join(", ", member.PeerUrls)}"
        + (member.IsLearner ? ", learner)" : ")");

    /// <summary>Tells of a step.</summary>
    public static void Show(OperationContext context, string activity, string node, string step, bool completed = false) =>
        context.Sink.Progress(new ProgressUpdate(activity, node, step) { Completed = completed });
}
