using System.Globalization;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh.HostKeys;
using EtcdDr.Engine.Trust;

namespace EtcdDr.Engine.Ssh.Config;

/// <summary>
/// Reads OpenSSH's client configuration for one host, with the same result as <c>ssh -G</c>. The first value of a keyword wins, except for
/// those that add up (<c>IdentityFile</c>, <c>CertificateFile</c>). Where <c>Match final</c> asks for it, all is read a second time with
/// the host's final name.
/// </summary>
internal sealed class SshConfigFile
{
    private const int MaxIncludeDepth = 16;

    private static readonly HashSet<string> Served = new(StringComparer.OrdinalIgnoreCase)
    {
        "HostName",
        "User",
        "Port",
        "IdentityFile",
        "IdentitiesOnly",
        "IdentityAgent",
        "UserKnownHostsFile",
        "GlobalKnownHostsFile",
        "HostKeyAlias",
        "CertificateFile",
        "ConnectTimeout",
        "ServerAliveInterval",
        "CanonicalizeHostname",
    };

    private static readonly HashSet<string> Lists = new(StringComparer.OrdinalIgnoreCase) { "UserKnownHostsFile", "GlobalKnownHostsFile" };
    private static readonly HashSet<string> Sums = new(StringComparer.OrdinalIgnoreCase) { "IdentityFile", "CertificateFile" };
    private static readonly HashSet<string> Times = new(StringComparer.OrdinalIgnoreCase) { "ConnectTimeout", "ServerAliveInterval" };

    // What would lead elsewhere or log in otherwise if it were heeded; everything else makes no difference here.
    private static readonly HashSet<string> Missed = new(StringComparer.OrdinalIgnoreCase)
    {
        "ProxyUseFdpass",
        "PKCS11Provider",
        "SecurityKeyProvider",
        "CanonicalizeHostname",
        "KnownHostsCommand",
        "RevokedHostKeys",
        "BindAddress",
        "BindInterface",
        "RemoteCommand",
        "ControlPath",
    };

    private readonly Dictionary<string, List<string>> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly string _home;
    private readonly IOperationSink _sink;
    private bool _asksForFinal;
    private bool _isFinal;

    private SshConfigFile(string host, string home, IOperationSink sink)
    {
        OriginalHost = HostName = host;
        _home = home;
        _sink = sink;
    }

    /// <summary>The host as it was asked for.</summary>
    public string OriginalHost { get; }

    /// <summary>The host's name or address as the configuration has it.</summary>
    public string HostName { get; private set; }

    /// <summary>The way to the host: the value of <c>ProxyJump</c> or of <c>ProxyCommand</c>, whichever comes first; null if neither
    /// does.</summary>
    public (string Keyword, string Value)? Way { get; private set; }

    /// <summary>Reads the files in this order, earlier ones win; those that are not there are empty.</summary>
    /// <param name="host">The host as it was asked for.</param>
    /// <param name="files">The files.</param>
    /// <param name="home">The user's home directory.</param>
    /// <param name="sink">Is told what the files ask for that is not served.</param>
    /// <exception cref="EtcdDrException"><c>SshConfigInvalid</c>, with file and line.</exception>
    public static SshConfigFile Read(string host, IReadOnlyList<SshConfigSource> files, string home, IOperationSink sink)
    {
        var config = new SshConfigFile(host, home, sink);
        config.ReadAll(files);
        var named = config.Value("HostName") is { } hostName ? SshTokens.HostName(hostName, host) : host;
        config.HostName = named.ToLowerInvariant();
        if (!config._asksForFinal && !(config.Value("CanonicalizeHostname") is "yes" or "always" or "true"))
            return config;

        config._isFinal = true;
        config._values["HostName"] = [config.HostName];
        config.ReadAll(files);
        return config;
    }

    /// <summary>A keyword's value; null if no file has it for this host.</summary>
    public string? Value(string keyword) => _values.TryGetValue(keyword, out var values) ? values[0] : null;

    /// <summary>All values of a keyword that adds up, or all words of one that is a list.</summary>
    public IReadOnlyList<string> Values(string keyword) => _values.TryGetValue(keyword, out var values) ? values : [];

    /// <summary>A keyword's time, seconds; null where none is set or it is none.</summary>
    public int? Seconds(string keyword) => Value(keyword) is { } text ? SshTime.Parse(text) : null;

    private static EtcdDrException Invalid(string file, int line, string problem) =>
        new(
            "SshConfigInvalid",
            EtcdDrErrorCategory.InvalidArgument,
            Errors.SshConfigInvalid.With(file, line, problem),
            Errors.SshConfigInvalid_Action,
            file
        );

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
                e
            );
        }
    }

    private void ReadAll(IReadOnlyList<SshConfigSource> files)
    {
        foreach (var file in files)
            ReadFile(file, depth: 0, applies: true, never: false);
    }

    // "Never": what is included by a section for others is read, lest a mistake in it go unseen, but counts for nothing.
    private void ReadFile(SshConfigSource file, int depth, bool applies, bool never)
    {
        if (!File.Exists(file.Path))
            return;

        // Who may write there decides where this user connects to.
        FileTrust.Require(file.Path);
        var number = 0;
        foreach (var text in ReadLines(file.Path))
        {
            number++;
            if (SshConfigLine.Parse(text) is not { } line)
                continue;

            if (line.Rest.Length == 0)
                throw Invalid(file.Path, number, Errors.SshConfigInvalid_NoValue_Part.With(line.Keyword));

            var words = line.Words ?? throw Invalid(file.Path, number, Errors.SshConfigInvalid_Quotation_Part);
            switch (line.Keyword.ToLowerInvariant())
            {
                case "host":
                    // HostName is the host as it was asked for until all was read once.
                    applies = !never && HostPatternList.Matches(words, HostName, ignoreCase: false);
                    break;
                case "match":
                    applies = MatchApplies(file.Path, number, words) && !never;
                    break;
                case "include":
                    Include(file, number, words, depth, applies);
                    break;
                case var _ when applies:
                    Keep(file.Path, number, line);
                    break;
            }
        }
    }

    private void Include(SshConfigSource file, int number, IReadOnlyList<string> patterns, int depth, bool applies)
    {
        if (depth == MaxIncludeDepth)
            throw Invalid(file.Path, number, Errors.SshConfigInvalid_Includes_Part.With(MaxIncludeDepth));

        foreach (var pattern in patterns)
        {
            var path = SshTokens.ExpandHome(pattern, _home);
            foreach (var included in Glob.Find(Path.Combine(file.IsUsers ? Path.Combine(_home, ".ssh") : "/etc/ssh", path)))
            {
                // Host lines of an included file end with it.
                ReadFile(file with { Path = included }, depth + 1, applies, never: !applies);
            }
        }
    }

    private bool MatchApplies(string file, int number, IReadOnlyList<string> words)
    {
        var host = Value("HostName") is { } hostName
            ? _isFinal
                ? hostName
                : SshTokens.HostName(hostName, OriginalHost)
            : OriginalHost;
        var match = new SshMatch(host, OriginalHost, Value("User") ?? Environment.UserName, Environment.UserName, _isFinal);
        var answer = match.Judge(words);
        if (answer.Problem is { } problem)
            throw Invalid(file, number, problem);

        if (answer.NotServed is { } criterion)
            Warn($"{file}:{number}: 'Match {criterion}' is not served; the lines below it are passed over.");

        _asksForFinal |= answer.AsksForFinal;
        return answer.Applies;
    }

    private void Keep(string file, int number, SshConfigLine line)
    {
        var keyword = line.Keyword;
        if (
            keyword.Equals("ProxyJump", StringComparison.OrdinalIgnoreCase)
            || keyword.Equals("ProxyCommand", StringComparison.OrdinalIgnoreCase)
        )
        {
            Way ??= (keyword.ToLowerInvariant(), line.Rest);
            return;
        }

        var words = line.Words is { Count: > 0 } found
            ? found
            : throw Invalid(file, number, Errors.SshConfigInvalid_NoValue_Part.With(keyword));
        if (Missed.Contains(keyword) && words[0].ToLowerInvariant() is not ("none" or "no"))
            Warn($"{file}:{number}: {keyword} is not served and passed over.");

        if (!Served.Contains(keyword))
            return;

        // A time of none is the same as none at all: a later line may name one.
        if (Times.Contains(keyword) && words[0] == "none")
            return;

        if (Times.Contains(keyword) && SshTime.Parse(words[0]) is null)
            throw Invalid(file, number, Errors.SshConfigInvalid_Time_Part.With(keyword, words[0]));

        if (
            keyword.Equals("Port", StringComparison.OrdinalIgnoreCase)
            && !(ushort.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
        )
            throw Invalid(file, number, Errors.SshConfigInvalid_Port_Part.With(words[0]));

        if (!_values.TryGetValue(keyword, out var kept))
            _values[keyword] = Lists.Contains(keyword) ? [.. words] : [words[0]];
        else if (Sums.Contains(keyword) && !kept.Contains(words[0]))
            kept.Add(words[0]);
    }

    private void Warn(string message)
    {
        if (_told.Add(message))
            _sink.Verbose(message);
    }
}
