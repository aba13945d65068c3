namespace EtcdDr.Engine.Ssh;

/// <summary>A loopback port of this machine that leads through SSH to an address behind a host.</summary>
public interface IForwardedPort : IAsyncDisposable
{
    /// <summary>The port on 127.0.0.1.</summary>
    int Port { get; }
}
