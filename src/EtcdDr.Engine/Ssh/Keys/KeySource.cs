using Renci.SshNet;
using Renci.SshNet.Security;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>A key that is offered to a server, with the name by which messages call it.</summary>
/// <param name="Description">Where the key comes from.</param>
/// <param name="PublicKey">The public key in SSH's encoding.</param>
/// <param name="HostKeyAlgorithms">
/// What it signs with, best first. One algorithm a key where one serves: servers count every offer as an attempt and close after six
/// (MaxAuthTries).
/// </param>
/// <param name="Owner">What to close with it; null for nothing.</param>
internal sealed record KeySource(
    string Description,
    byte[] PublicKey,
    IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms,
    IDisposable? Owner
) : IPrivateKeySource, IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Owner?.Dispose();
}
