namespace EtcdDr.Tests.Ssh;

/// <summary>One server for all tests of a class.</summary>
public sealed class SshServerFixture : IDisposable
{
    internal SshServer Server { get; } = SshServer.Start();

    public void Dispose() => Server.Dispose();
}
