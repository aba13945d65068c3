namespace EtcdDr.Engine.Operations;

/// <summary>What every operation is given: where to tell what it does, how wide to work, and the clock.</summary>
public sealed class OperationContext
{
    /// <summary>Creates a context.</summary>
    public OperationContext(IOperationSink sink, int throttleLimit = 16, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(sink);
        ArgumentOutOfRangeException.ThrowIfLessThan(throttleLimit, 1);
        Sink = sink;
        ThrottleLimit = throttleLimit;
        Time = time ?? TimeProvider.System;
    }

    /// <summary>Receives messages and progress.</summary>
    public IOperationSink Sink { get; }

    /// <summary>How many nodes are worked on at once.</summary>
    public int ThrottleLimit { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Called after every remote command, for logs; null for none.</summary>
    public Action<RemoteCommandRecord>? CommandLog { get; set; }
}
