namespace EtcdDr.Engine.Ssh.Config;

/// <summary>A file of OpenSSH's client configuration.</summary>
/// <param name="Path">The file; one that is not there is empty.</param>
/// <param name="IsUsers">Whether it is a user's, whose relative includes lie in <c>~/.ssh</c>; the system's lie in <c>/etc/ssh</c>.</param>
internal sealed record SshConfigSource(string Path, bool IsUsers);
