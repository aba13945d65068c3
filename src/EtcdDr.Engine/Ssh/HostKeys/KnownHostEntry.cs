namespace EtcdDr.Engine.Ssh.HostKeys;

/// <summary>One line of known_hosts.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Marker">What the line says about the key.</param>
/// <param name="Hosts">Which hosts it is about, as it stands in the file.</param>
/// <param name="KeyType">The type of key, for example <c>ssh-ed25519</c>.</param>
/// <param name="Key">The public key, in SSH's encoding.</param>
internal sealed record KnownHostEntry(string File, int Line, KnownHostMarker Marker, string Hosts, string KeyType, byte[] Key)
{
    /// <summary>File and line, for messages.</summary>
    public string Place => $"{File}:{Line}";

    /// <summary>Whether the line is about a host, given as known_hosts writes it: <c>host</c>, or <c>[host]:port</c> where the port is not
    /// 22.</summary>
    public bool IsAbout(string name) =>
        Hosts.StartsWith('|') ? HashedHostName.Matches(Hosts, name) : HostPatternList.Matches(Hosts.Split(','), name);

    /// <summary>Whether the line holds this key.</summary>
    public bool Holds(ReadOnlySpan<byte> key) => key.SequenceEqual(Key);
}
