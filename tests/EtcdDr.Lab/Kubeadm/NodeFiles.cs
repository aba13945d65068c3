namespace EtcdDr.Lab.Kubeadm;

/// <summary>Files of one node, by absolute path, with their modes: what kubeadm, the distribution and the site's administrator left
/// there.</summary>
internal sealed class NodeFiles
{
    private readonly Dictionary<string, (string Text, UnixFileMode Mode)> _files = new(StringComparer.Ordinal);
    private readonly List<(string Path, UnixFileMode Mode)> _directories = [];

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Adds a file that everyone may read.</summary>
    public void Add(string path, string text) => _files[path] = (text, Public);

    /// <summary>Adds a file that only its owner may read.</summary>
    public void AddPrivate(string path, string text) => _files[path] = (text, Private);

    /// <summary>Adds a program.</summary>
    public void AddProgram(string path, string text) =>
        _files[path] = (text, Public | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    /// <summary>Adds a directory with a mode of its own.</summary>
    public void AddDirectory(string path, UnixFileMode mode) => _directories.Add((path, mode));

    /// <summary>Adds a certificate and its key, as kubeadm names them.</summary>
    public void AddPair(string pathWithoutExtension, (string Certificate, string Key) pair)
    {
        Add(pathWithoutExtension + ".crt", pair.Certificate);
        AddPrivate(pathWithoutExtension + ".key", pair.Key);
    }

    /// <summary>Writes everything below a directory of this machine.</summary>
    public void WriteTo(string root)
    {
        foreach (var (path, mode) in _directories)
        {
            Directory.CreateDirectory(root + path);
            File.SetUnixFileMode(root + path, mode);
        }

        foreach (var (path, (text, mode)) in _files)
        {
            var file = root + path;
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using var stream = new FileStream(
                file,
                new FileStreamOptions
                {
                    Mode = FileMode.Create,
                    Access = FileAccess.Write,
                    UnixCreateMode = mode,
                }
            );
            using var writer = new StreamWriter(stream);
            writer.Write(text);
        }
    }
}
