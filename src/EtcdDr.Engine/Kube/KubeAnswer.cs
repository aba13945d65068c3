namespace EtcdDr.Engine.Kube;

/// <summary>An answer with the time limit of the attempt that got it.</summary>
internal sealed class KubeAnswer : IDisposable
{
    private readonly CancellationTokenSource _limit;
    private HttpResponseMessage? _response;

    public KubeAnswer(TimeSpan timeout, CancellationToken cancellationToken)
    {
        _limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _limit.CancelAfter(timeout);
    }

    public CancellationToken Token => _limit.Token;

    public HttpResponseMessage Response
    {
        get => _response ?? throw new InvalidOperationException("There is no answer yet.");
        set => _response = value;
    }

    /// <summary>Starts the time limit anew: for an answer that comes in parts.</summary>
    public void Extend(TimeSpan timeout) => _limit.CancelAfter(timeout);

    public void Dispose()
    {
        _response?.Dispose();
        _limit.Dispose();
    }
}
