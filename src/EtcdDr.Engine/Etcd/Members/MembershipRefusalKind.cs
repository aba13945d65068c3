namespace EtcdDr.Engine.Etcd;

/// <summary>Why etcd refuses a change of its members.</summary>
internal enum MembershipRefusalKind
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>The learner lags behind the leader (it must have 90 % of the log).</summary>
    LearnerBehind,

    /// <summary>A voting member was not connected for the last five seconds.</summary>
    Unhealthy,

    /// <summary>Too few of the members have started.</summary>
    NotStarted,

    /// <summary>There is a learner already.</summary>
    TooManyLearners,

    /// <summary>A member with that peer URL is there already.</summary>
    Exists,

    /// <summary>There is no such member.</summary>
    NotFound,

    /// <summary>The member has its vote already.</summary>
    NotLearner,
}
