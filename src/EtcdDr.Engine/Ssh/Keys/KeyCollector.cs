using System.Net.Sockets;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh.HostKeys;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>Brings together the keys for one login.</summary>
internal sealed class KeyCollector
{
    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly SshTarget _target;
    private readonly IOperationSink _sink;
    private readonly List<string> _notes;
    private readonly List<KeySource> _agentKeys = [];
    private readonly List<KeySource> _keys = [];
    private EtcdDrException? _passedOver;

    private KeyCollector(SshTarget target, IOperationSink sink, List<string> notes)
    {
        _target = target;
        _sink = sink;
        _notes = notes;
    }

    /// <summary>Key files in their order, each by the agent's hand where it holds the same key; then what else the agent holds.</summary>
    /// <param name="target">The host.</param>
    /// <param name="sink">Receives warnings about files that others can read.</param>
    /// <param name="notes">Receives what was passed over, for the message of a refused login.</param>
    /// <param name="cancellationToken">Stops asking the agent.</param>
    /// <exception cref="EtcdDrException">A key that was asked for cannot be used.</exception>
    public static async Task<List<KeySource>> CollectAsync(
        SshTarget target,
        IOperationSink sink,
        List<string> notes,
        CancellationToken cancellationToken
    )
    {
        var collector = new KeyCollector(target, sink, notes);
        if (target.AgentSocket is { Length: > 0 } socket)
            await Task.Run(() => collector.AskAgent(socket), CancellationToken.None).WaitAsync(cancellationToken);

        try
        {
            foreach (var identity in target.Identities)
                collector.Add(identity);
        }
        catch
        {
            collector._keys.ForEach(key => key.Dispose());
            throw;
        }

        if (!target.IdentitiesOnly)
            collector._keys.AddRange(collector._agentKeys);

        // With nothing else to try, what was wrong with the file is the answer.
        return collector._keys.Count == 0 && target.Password is null && collector._passedOver is { } failure
            ? throw failure
            : collector._keys;
    }

    private void AskAgent(string socket)
    {
        try
        {
            var agent = new SshAgent(socket);
            foreach (var (publicKey, comment) in agent.List())
            {
                if (KnownHosts.TypeOf(publicKey) is { } type)
                {
                    var described = Errors.SshAuthenticationFailed_AgentKey_Part.With(type, comment);
                    _agentKeys.Add(new KeySource(described, publicKey, [AgentKeyAlgorithm.For(agent, publicKey, type)], Owner: null));
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // As with OpenSSH a dead agent is no reason to fail; but a login that then fails says so.
            _notes.Add(Errors.SshAuthenticationFailed_AgentSilent_Part.With(socket, e.Message));
            _sink.Verbose($"The ssh-agent at {socket} did not answer: {e.Message}");
        }
    }

    private void Add(SshIdentity identity)
    {
        if (!File.Exists(identity.Path) || identity.Path.EndsWith(".pub", StringComparison.Ordinal))
        {
            if (PublicKeyOf(identity) is { } known && TakeFromAgent(known))
                return;

            if (identity.Required)
                throw KeyErrors.NotFound(identity.Path);

            return;
        }

        WarnIfOthersCanRead(identity.Path);
        try
        {
            var key = PrivateKeyLoader.Load(
                identity.Path,
                _target.KeyPassphrase,
                _target.CertificateFiles.Prepend(identity.Path + "-cert.pub")
            );
            _agentKeys.RemoveAll(held => held.PublicKey.AsSpan().SequenceEqual(key.PublicKey));
            _keys.Add(key);
        }
        catch (EtcdDrException e)
            when (e.ErrorId is KeyErrors.PassphraseRequiredId or KeyErrors.EncryptionUnsupportedId
                && PublicKeyOf(identity) is { } known
                && TakeFromAgent(known)
            )
        {
            _sink.Verbose($"{identity.Path} is not opened; the ssh-agent holds the same key and signs.");
        }
        catch (EtcdDrException e) when (!identity.Required)
        {
            _passedOver ??= e;
            _notes.Add(Errors.SshAuthenticationFailed_KeyPassedOver_Part.With(identity.Path, e.Message));
            _sink.Verbose($"{identity.Path} is passed over: {e.Message}");
        }
    }

    private bool TakeFromAgent(byte[] publicKey)
    {
        var held = _agentKeys.FindIndex(key => key.PublicKey.AsSpan().SequenceEqual(publicKey));
        if (held < 0)
            return false;

        _keys.Add(_agentKeys[held]);
        _agentKeys.RemoveAt(held);
        return true;
    }

    // ssh-keygen leaves the public half beside the key; ssh_config may also name the public half alone.
    private static byte[]? PublicKeyOf(SshIdentity identity)
    {
        var path = identity.Path.EndsWith(".pub", StringComparison.Ordinal) ? identity.Path : identity.Path + ".pub";
        if (!File.Exists(path))
            return null;

        var words = File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var blob = new byte[words.Length > 1 ? words[1].Length : 0];
        return words.Length > 1 && Convert.TryFromBase64String(words[1], blob, out var length) ? blob[..length] : null;
    }

    private void WarnIfOthersCanRead(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OthersMay) != 0)
            _sink.Warning($"The private key file {path} can be read by others; make it yours alone with: chmod 600 {path}");
    }
}
