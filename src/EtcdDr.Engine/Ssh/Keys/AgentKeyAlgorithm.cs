using Renci.SshNet.Security;

namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>A key that an ssh-agent holds: the agent signs.</summary>
internal sealed class AgentKeyAlgorithm : HostAlgorithm
{
    private readonly SshAgent _agent;
    private readonly byte[] _publicKey;
    private readonly uint _flags;

    private AgentKeyAlgorithm(string name, SshAgent agent, byte[] publicKey, uint flags)
        : base(name)
    {
        _agent = agent;
        _publicKey = publicKey;
        _flags = flags;
    }

    /// <inheritdoc/>
    public override byte[] Data => _publicKey;

    /// <summary>The algorithm for a public key or certificate that an agent lists.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="publicKey">The key or certificate in SSH's encoding.</param>
    /// <param name="type">Its type.</param>
    public static AgentKeyAlgorithm For(SshAgent agent, byte[] publicKey, string type) =>
        type switch
        {
            "ssh-rsa" => new AgentKeyAlgorithm("rsa-sha2-512", agent, publicKey, SshAgent.RsaSha512),
            "ssh-rsa-cert-v01@openssh.com" => new AgentKeyAlgorithm(
                "rsa-sha2-512-cert-v01@openssh.com",
                agent,
                publicKey,
                SshAgent.RsaSha512
            ),
            _ => new AgentKeyAlgorithm(type, agent, publicKey, 0),
        };

    /// <inheritdoc/>
    public override byte[] Sign(byte[] data)
    {
        try
        {
            return _agent.Sign(_publicKey, data, _flags);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new Renci.SshNet.Common.SshAuthenticationException(Errors.SshAgent_NotSigned_Part.With(e.Message), e);
        }
    }

    /// <inheritdoc/>
    public override bool VerifySignature(byte[] data, byte[] signature) => throw new NotSupportedException("A key of an agent only signs.");
}
