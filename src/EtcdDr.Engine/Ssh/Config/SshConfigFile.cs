using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh.HostKeys;

namespace EtcdDr.Engine.Ssh.Config;

/// <summary>
/// Reads OpenSSH's client configuration for one host. As in OpenSSH the first value of a keyword wins, except for those that add up
/// (<c>IdentityFile</c>, <c>CertificateFile</c>).
/// </summary>
internal sealed class SshConfigFile
{
    private const int MaxIncludeDepth = 16;

    private static readonly HashSet<string> Served = new(StringComparer.OrdinalIgnoreCase)
    {
        "HostName", "User", "Port", "IdentityFile", "IdentitiesOnly", "IdentityAgent", "ProxyJump", "UserKnownHostsFile", "GlobalKnownHostsFile",
        "HostKeyAlias", "CertificateFile", "ConnectTimeout", "ServerAliveInterval",
    };

    // What would lead elsewhere or log in otherwise if it were heeded; everything else makes no difference here.
    private static readonly HashSet<string> Missed = new(StringComparer.OrdinalIgnoreCase)
    {
        "ProxyCommand", "ProxyUseFdpass", "PKCS11Provider", "SecurityKeyProvider", "CanonicalizeHostname", "KnownHostsCommand", "RevokedHostKeys",
        "BindAddress", "BindInterface", "RemoteCommand", "ControlPath",
    };

    private readonly Dictionary<string, List<string>> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _host;
    private readonly string _home;
    private readonly IOperationSink _sink;

    private SshConfigFile(string host, string home, IOperationSink sink)
    {
        _host = host;
        _home = home;
        _sink = sink;
    }

    /// <summary>Reads the files in this order, earlier ones win; those that are not there are empty.</summary>
    /// <param name="host">The host as it was asked for.</param>
    /// <param name="files">The files.</param>
    /// <param name="home">The user's home directory.</param>
    /// <param name="sink">Is told what the files ask for that is not served.</param>
    /// <exception cref="EtcdDrException"><c>SshConfigInvalid</c>, with file and line.</exception>
    public static SshConfigFile Read(string host, IEnumerable<string> files, string home, IOperationSink sink)
    {
        var config = new SshConfigFile(host, home, sink);
        foreach (var file in files)
            config.ReadFile(file, depth: 0, applies: true);

        return config;
    }

    /// <summary>A keyword's value; null if no file has it for this host.</summary>
    public string? Value(string keyword) => _values.TryGetValue(keyword, out var values) ? values[0] : null;

    /// <summary>All values of a keyword that adds up, or all words of one that is a list.</summary>
    public IReadOnlyList<string> Values(string keyword) => _values.TryGetValue(keyword, out var values) ? values : [];

    private static EtcdDrException Invalid(string file, int line, string problem) => new(
        "SshConfigInvalid",
        EtcdDrErrorCategory.InvalidArgument,
        Errors.SshConfigInvalid.With(file, line, problem),
        Errors.SshConfigInvalid_Action,
        file);

    private void ReadFile(string file, int depth, bool applies)
    {
        if (!File.Exists(file))
            return;

        var number = 0;
        foreach (var line in ReadLines(file))
        {
            number++;
            var words = SshConfigLine.Split(line) ?? throw Invalid(file, number, Errors.SshConfigInvalid_Quotation_Part);
            if (words.Count == 0)
                continue;

            if (words.Count == 1)
                throw Invalid(file, number, Errors.SshConfigInvalid_NoValue_Part.With(words[0]));

            applies = Take(file, number, words, depth, applies);
        }
    }

    private static string[] ReadLines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EtcdDrException(
                "SshConfigInvalid",
                EtcdDrErrorCategory.PermissionDenied,
                Errors.SshConfigInvalid_Unreadable.With(file, e.Message),
                Errors.SshConfigInvalid_Unreadable_Action,
                file,
                e);
        }
    }

    // Returns whether the lines that follow are for this host.
    private bool Take(string file, int number, IReadOnlyList<string> words, int depth, bool applies)
    {
        var keyword = words[0];
        var values = words.Skip(1).ToList();
        switch (keyword.ToLowerInvariant())
        {
            case "host":
                return HostPatternList.Matches(values, _host);
            case "match":
                return MatchApplies(file, number, values);
            case "include" when applies:
                Include(file, number, values, depth);
                return applies;
            default:
                if (applies)
                    Keep(file, number, keyword, values);

                return applies;
        }
    }

    private void Include(string file, int number, List<string> patterns, int depth)
    {
        if (depth == MaxIncludeDepth)
            throw Invalid(file, number, Errors.SshConfigInvalid_Includes_Part.With(MaxIncludeDepth));

        foreach (var pattern in patterns)
        {
            var path = SshTokens.ExpandHome(pattern, _home);
            var full = Path.IsPathRooted(path) ? path : Path.Combine(file.StartsWith("/etc/", StringComparison.Ordinal) ? "/etc/ssh" : Path.Combine(_home, ".ssh"), path);
            var directory = Path.GetDirectoryName(full)!;
            if (!Directory.Exists(directory))
                continue;

            // Host lines of an included file end with it.
            foreach (var included in Directory.GetFiles(directory, Path.GetFileName(full)).Order(StringComparer.Ordinal))
                ReadFile(included, depth + 1, applies: true);
        }
    }

    private bool MatchApplies(string file, int number, List<string> conditions)
    {
        var applies = true;
        for (var i = 0; i < conditions.Count; i++)
        {
            var negated = conditions[i].StartsWith('!');
            var name = conditions[i].TrimStart('!').ToLowerInvariant();
            if (name == "all")
                continue;

            var value = ++i < conditions.Count ? conditions[i] : throw Invalid(file, number, Errors.SshConfigInvalid_Match_Part.With(name));
            bool? holds = name switch
            {
                "host" => HostPatternList.Matches(value.Split(','), Value("HostName") is { } hostName ? SshTokens.HostName(hostName, _host) : _host),
                "originalhost" => HostPatternList.Matches(value.Split(','), _host),
                "localuser" => HostPatternList.Matches(value.Split(','), Environment.UserName),
                "user" => HostPatternList.Matches(value.Split(','), Value("User") ?? Environment.UserName),
                _ => null,
            };
            if (holds is null)
            {
                _sink.Verbose($"{file}:{number}: 'Match {name}' is not served; the lines below it are passed over.");
                return false;
            }

            applies &= holds.Value != negated;
        }

        return applies;
    }

    private void Keep(string file, int number, string keyword, List<string> values)
    {
        if (Missed.Contains(keyword) && !values[0].Equals("none", StringComparison.OrdinalIgnoreCase) && !values[0].Equals("no", StringComparison.OrdinalIgnoreCase))
            _sink.Verbose($"{file}:{number}: {keyword} is not served and passed over.");

        if (!Served.Contains(keyword))
            return;

        if (!_values.TryGetValue(keyword, out var kept))
            _values[keyword] = values;
        else if (keyword.Equals("IdentityFile", StringComparison.OrdinalIgnoreCase) || keyword.Equals("CertificateFile", StringComparison.OrdinalIgnoreCase))
            kept.AddRange(values);
    }
}
