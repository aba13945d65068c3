using System.Net;

namespace EtcdDr.Engine.Kube;

/// <summary>Asks the environment's proxy rules about the server's own name, though the address that is dialled is another.</summary>
internal sealed class FixedTargetProxy(IWebProxy inner, Uri server) : IWebProxy
{
    public ICredentials? Credentials
    {
        get => inner.Credentials;
        set => inner.Credentials = value;
    }

    public Uri? GetProxy(Uri destination) => inner.GetProxy(server);

    public bool IsBypassed(Uri host) => inner.IsBypassed(server);
}
