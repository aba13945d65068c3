namespace EtcdDr.Bench.Fuzzing;

/// <summary>What a mutated input led to.</summary>
public enum FuzzVerdict
{
    /// <summary>A clear error.</summary>
    Refused,

    /// <summary>Read, and equal to the original.</summary>
    Equal,

    /// <summary>Read with another content, where no checksum covers the change: that is not wrong.</summary>
    Different,

    /// <summary>An exception that is no clear error.</summary>
    Crashed,

    /// <summary>Not done within its bound.</summary>
    Hung,

    /// <summary>Taken for good although a checksum covers the change.</summary>
    AcceptedChanged,
}
