using System.Buffers.Binary;
using System.Text;

namespace EtcdDr.Engine.Ssh.HostKeys;

/// <summary>The host keys that are known, read from known_hosts files. Lines that cannot be read are passed over, as OpenSSH
/// does.</summary>
internal sealed class KnownHosts
{
    private static readonly char[] Blank = [' ', '\t'];
    private readonly List<KnownHostEntry> _entries = [];

    /// <summary>All entries, in the order of the files.</summary>
    public IReadOnlyList<KnownHostEntry> Entries => _entries;

    /// <summary>Reads files; those that are not there are empty.</summary>
    /// <exception cref="EtcdDrException"><c>KnownHostsFileInvalid</c>: a file is there and cannot be read.</exception>
    public static KnownHosts Read(IEnumerable<string> files)
    {
        var known = new KnownHosts();
        foreach (var file in files.Where(File.Exists))
        {
            try
            {
                known.Add(file, File.ReadLines(file));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new EtcdDrException(
                    "KnownHostsFileInvalid",
                    EtcdDrErrorCategory.PermissionDenied,
                    Errors.KnownHostsFileInvalid.With(file, e.Message),
                    Errors.KnownHostsFileInvalid_Action,
                    file,
                    e
                );
            }
        }

        return known;
    }

    /// <summary>Adds the lines of a file.</summary>
    public void Add(string file, IEnumerable<string> lines)
    {
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (Parse(file, number, line) is { } entry)
                _entries.Add(entry);
        }
    }

    /// <summary>The entries about a host, given as known_hosts writes it.</summary>
    public IReadOnlyList<KnownHostEntry> About(string name) => [.. _entries.Where(entry => entry.IsAbout(name))];

    private static KnownHostEntry? Parse(string file, int number, string line)
    {
        var words = line.Split(Blank, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0].StartsWith('#'))
            return null;

        KnownHostMarker? marker = words[0] switch
        {
            "@cert-authority" => KnownHostMarker.CertificateAuthority,
            "@revoked" => KnownHostMarker.Revoked,
            ['@', ..] => null,
            _ => KnownHostMarker.None,
        };
        if (marker is null)
            return null;

        var rest = marker == KnownHostMarker.None ? words : words[1..];
        return rest.Length >= 3 && DecodeKey(rest[2]) is { } key && TypeOf(key) is { } type
            ? new KnownHostEntry(file, number, marker.Value, rest[0], type, key)
            : null;
    }

    private static byte[]? DecodeKey(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }

    /// <summary>The type that a public key in SSH's encoding begins with (RFC 4253, 6.6); null if it is none.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> key)
    {
        if (key.Length < 4)
            return null;

        var length = BinaryPrimitives.ReadUInt32BigEndian(key);
        return length is > 0 and < 128 && length <= key.Length - 4 ? Encoding.ASCII.GetString(key.Slice(4, (int)length)) : null;
    }
}
