using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Kubeadm;

/// <summary>Ed25519 keys, made by ssh-keygen as on real machines.</summary>
internal static class SshKeys
{
    /// <summary>Makes a key file without passphrase and gives its public line.</summary>
    public static async Task<string> CreateAsync(string file, string comment, CancellationToken cancellationToken)
    {
        await Tool.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", string.Empty, "-C", comment, "-f", file], cancellationToken);
        return await File.ReadAllTextAsync(file + ".pub", cancellationToken);
    }
}
