namespace EtcdDr.Engine.Ssh;

/// <summary>A private key file to try.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Required">Whether its absence is an error: it was named by the settings, and is not one of OpenSSH's defaults.</param>
internal sealed record SshIdentity(string Path, bool Required);
