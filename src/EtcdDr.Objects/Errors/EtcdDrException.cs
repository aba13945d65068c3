namespace EtcdDr;

/// <summary>
/// An expected failure, told in words for the operator: what, where, why, and what to do about it. Cmdlets turn it into an error record
/// with <see cref="ErrorId"/>, <see cref="Category"/>, <see cref="Target"/> and <see cref="RecommendedAction"/>. Never holds a secret.
/// </summary>
public sealed class EtcdDrException : Exception
{
    /// <summary>Creates an error of the catalogue.</summary>
    /// <param name="errorId">Stable identifier, for example <c>HostKeyUnknown</c>; scripts match on it.</param>
    /// <param name="category">The kind of failure.</param>
    /// <param name="message">One or two sentences that name the thing, the place and the cause.</param>
    /// <param name="recommendedAction">What the operator can do, as a sentence.</param>
    /// <param name="target">What failed: a node name, a path, a cluster name.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public EtcdDrException(
        string errorId,
        EtcdDrErrorCategory category,
        string message,
        string recommendedAction,
        object? target = null,
        Exception? innerException = null
    )
        : base(message, innerException)
    {
        ErrorId = errorId;
        Category = category;
        RecommendedAction = recommendedAction;
        Target = target;
    }

    /// <summary>Stable identifier of this kind of failure.</summary>
    public string ErrorId { get; }

    /// <summary>The kind of failure.</summary>
    public EtcdDrErrorCategory Category { get; }

    /// <summary>What the operator can do about it.</summary>
    public string RecommendedAction { get; }

    /// <summary>What failed: a node name, a path, a cluster name; or null.</summary>
    public object? Target { get; }
}
