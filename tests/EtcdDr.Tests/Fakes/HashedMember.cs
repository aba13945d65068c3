using EtcdDr.Engine.Etcd;

namespace EtcdDr.Tests.Fakes;

/// <summary>A member whose answers a test gives: the last one for ever, those before it once each.</summary>
internal sealed class HashedMember(string node, params Func<EtcdHash>[] answers) : IHashedMember
{
    private int _asked;

    public string Node { get; } = node;

    public EtcdServerStatus Status { get; set; } =
        new()
        {
            Version = "3.5.16",
            ClusterId = 0xab,
            Revision = 22,
        };

    /// <summary>Revisions that were asked for.</summary>
    public List<long> Revisions { get; } = [];

    /// <summary>A hash.</summary>
    public static Func<EtcdHash> Says(uint hash, long compaction = 5) => () => new EtcdHash(hash, compaction, 22);

    /// <summary>A failure, in etcd's words.</summary>
    public static Func<EtcdHash> Fails(string errorId, string message) =>
        () => throw new EtcdDrException(errorId, EtcdDrErrorCategory.NotSpecified, message, "Try again.");

    /// <summary>What a member says that has not applied the revision yet.</summary>
    public static Func<EtcdHash> Lags => Fails("EtcdRevisionUnavailable", "mvcc: required revision is a future revision");

    /// <summary>What a member says that has compacted the revision away.</summary>
    public static Func<EtcdHash> Compacted => Fails("EtcdRevisionUnavailable", "mvcc: required revision has been compacted");

    public Task<EtcdServerStatus> StatusAsync(CancellationToken cancellationToken) => Task.FromResult(Status);

    public Task<EtcdHash> HashKvAsync(long revision, CancellationToken cancellationToken)
    {
        Revisions.Add(revision);
        var answer = answers[Math.Min(_asked++, answers.Length - 1)];
        try
        {
            return Task.FromResult(answer());
        }
        catch (EtcdDrException failure)
        {
            return Task.FromException<EtcdHash>(failure);
        }
    }
}
