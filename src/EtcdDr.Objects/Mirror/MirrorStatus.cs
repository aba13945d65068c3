namespace EtcdDr;

/// <summary>The outcome of a check of two sites.</summary>
public enum MirrorStatus
{
    /// <summary>As it must be.</summary>
    Pass,

    /// <summary>Worth knowing, or could not be found out; nothing is wrong.</summary>
    Information,

    /// <summary>A restore works, but something may not run as it does on the primary.</summary>
    Warning,

    /// <summary>A restore would fail, or what is restored would not run.</summary>
    Fail,
}
