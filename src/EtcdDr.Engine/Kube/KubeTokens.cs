using System.Net.Http.Headers;
using k8s.Authentication;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// Asks a source of tokens one request after the other, for none of them is made for several, and puts in words what it fails with: sources
/// read files, run programs and ask identity servers, and all of that is about the credentials.
/// </summary>
internal sealed class KubeTokens(KubeconfigContext context, ITokenProvider source) : ITokenProvider, IDisposable
{
    private readonly SemaphoreSlim _asking = new(1, 1);

    public async Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            return await source.GetAuthenticationHeaderAsync(cancellationToken);
        }
        catch (Exception e) when (e is not (OperationCanceledException or EtcdDrException))
        {
            throw KubeErrors.CredentialFailed(context, e.InnerException ?? e);
        }
        finally
        {
            _asking.Release();
        }
    }

    public void Dispose() => _asking.Dispose();
}
