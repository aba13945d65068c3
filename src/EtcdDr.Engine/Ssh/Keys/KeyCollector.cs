using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>Brings together the keys for one login.</summary>
internal static class KeyCollector
{
    private const UnixFileMode OthersMay = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Named key files first, then what the agent holds, then OpenSSH's default files.</summary>
    /// <param name="target">The host.</param>
    /// <param name="sink">Receives warnings about files that others can read.</param>
    /// <param name="notes">Receives what was passed over, for the message of a refused login.</param>
    /// <param name="cancellationToken">Stops asking the agent.</param>
    public static Task<List<KeySource>> CollectAsync(SshTarget target, IOperationSink sink, List<string> notes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var keys = new List<KeySource>();
        try
        {
            foreach (var identity in target.Identities)
            {
                if (File.Exists(identity.Path))
                    keys.Add(Load(identity, target, sink));
                else if (identity.Required)
                    throw KeyErrors.NotFound(identity.Path);
            }

            return Task.FromResult(keys);
        }
        catch
        {
            keys.ForEach(key => key.Dispose());
            throw;
        }
    }

    private static KeySource Load(SshIdentity identity, SshTarget target, IOperationSink sink)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(identity.Path) & OthersMay) != 0)
            sink.Warning($"The private key file {identity.Path} can be read by others; make it yours alone with: chmod 600 {identity.Path}");

        return PrivateKeyLoader.Load(identity.Path, target.KeyPassphrase, target.CertificateFiles.Prepend(identity.Path + "-cert.pub"));
    }
}
