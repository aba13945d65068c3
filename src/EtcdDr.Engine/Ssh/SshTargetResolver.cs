using System.Globalization;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh.Config;

namespace EtcdDr.Engine.Ssh;

/// <summary>Puts together settings, OpenSSH's client configuration and OpenSSH's defaults to what is needed to connect; in this order of rank.</summary>
internal sealed class SshTargetResolver
{
    private const int MaxJumps = 8;

    private static readonly string[] DefaultIdentities = ["id_ed25519", "id_ecdsa", "id_rsa"];
    private static readonly string[] SystemKnownHosts = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

    private readonly SshSettings _settings;
    private readonly IOperationSink _sink;
    private readonly string _home;

    private SshTargetResolver(SshSettings settings, IOperationSink sink, string home)
    {
        _settings = settings;
        _sink = sink;
        _home = home;
    }

    /// <summary>What to connect to, and how.</summary>
    /// <param name="name">The name for messages.</param>
    /// <param name="address">A host name, an alias of the configuration, or an IP.</param>
    /// <param name="settings">The settings; what they leave open comes from the configuration.</param>
    /// <param name="sink">Is told what the configuration asks for that is not served.</param>
    /// <param name="home">The user's home directory; null for the account's.</param>
    /// <exception cref="EtcdDrException"><c>SshConfigInvalid</c>, <c>JumpHostInvalid</c>.</exception>
    public static SshTarget Resolve(string name, string address, SshSettings settings, IOperationSink sink, string? home = null)
    {
        var resolver = new SshTargetResolver(settings, sink, home ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
        return resolver.ResolveTarget(name, address);
    }

    private SshTarget ResolveTarget(string name, string address)
    {
        var config = ReadConfig(address);
        var target = Common(name, address, config, _settings.User, _settings.Port);
        return target with { JumpHosts = ResolveJumps(config, depth: 0) };
    }

    // The settings' jump hosts are the whole way; those of the configuration may have hops of their own.
    private IReadOnlyList<SshTarget> ResolveJumps(SshConfigFile config, int depth)
    {
        if (depth > MaxJumps)
        {
            throw new EtcdDrException(
                "JumpHostInvalid", EtcdDrErrorCategory.InvalidArgument, Errors.JumpHostInvalid_TooMany.With(MaxJumps), Errors.JumpHostInvalid_TooMany_Action);
        }

        if (depth == 0 && _settings.JumpHosts.Count > 0)
            return [.. _settings.JumpHosts.Select(text => ResolveHop(text).Target)];

        var jumps = string.Join(',', config.Values("ProxyJump"));
        if (jumps.Length == 0 || jumps.Equals("none", StringComparison.OrdinalIgnoreCase))
            return [];

        var hops = jumps.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ResolveHop).ToList();
        return [.. ResolveJumps(hops[0].Config, depth + 1), .. hops.Select(hop => hop.Target)];
    }

    private (SshTarget Target, SshConfigFile Config) ResolveHop(string text)
    {
        var hop = JumpHost.Parse(text);
        var config = ReadConfig(hop.Host);

        // A hop's user and port are its own; where neither it nor the configuration names a user, the nodes' user is the likely one.
        return (Common(hop.Host, hop.Host, config, hop.User ?? config.Value("User") ?? _settings.User, hop.Port ?? Number(config, "Port") ?? 22), config);
    }

    private SshTarget Common(string name, string address, SshConfigFile config, string? user, int? port)
    {
        var host = config.Value("HostName") is { } hostName ? SshTokens.HostName(hostName, address) : address;
        var tokens = new SshTokens(_home, address, host, port ?? Number(config, "Port") ?? 22, user ?? config.Value("User") ?? Environment.UserName);
        return new SshTarget
        {
            Name = name,
            Host = host,
            Port = tokens.Port,
            User = tokens.User,
            HostKeyAlias = config.Value("HostKeyAlias"),
            KnownHostsFiles = KnownHostsFiles(config, tokens),
            Identities = Identities(config, tokens),
            CertificateFiles = [.. config.Values("CertificateFile").Select(tokens.ExpandPath)],
            IdentitiesOnly = IsYes(config.Value("IdentitiesOnly")),
            AgentSocket = _settings.UseAgent ? AgentSocket(config.Value("IdentityAgent"), tokens) : null,
            KeyPassphrase = _settings.KeyPassphrase,
            Password = _settings.Password,
            SudoPassword = _settings.SudoPassword,
            ConnectTimeout = TimeSpan.FromSeconds(_settings.ConnectTimeoutSeconds == new SshSettings().ConnectTimeoutSeconds && Number(config, "ConnectTimeout") is > 0 and var limit ? limit : _settings.ConnectTimeoutSeconds),
            KeepAlive = TimeSpan.FromSeconds(_settings.KeepAliveSeconds == new SshSettings().KeepAliveSeconds && Number(config, "ServerAliveInterval") is > 0 and var pause ? pause : _settings.KeepAliveSeconds),
        };
    }

    private SshConfigFile ReadConfig(string host) => SshConfigFile.Read(
        host,
        _settings.ConfigFile switch
        {
            null => [Path.Combine(_home, ".ssh", "config"), "/etc/ssh/ssh_config"],
            "" => [],
            var file => [file],
        },
        _home,
        _sink);

    private List<string> KnownHostsFiles(SshConfigFile config, SshTokens tokens)
    {
        if (_settings.KnownHostsFile is { } file)
            return [file];

        var own = config.Values("UserKnownHostsFile");
        var system = config.Values("GlobalKnownHostsFile");
        return
        [
            .. (own.Count > 0 ? own : ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]).Select(tokens.ExpandPath),
            .. (system.Count > 0 ? system : SystemKnownHosts).Select(tokens.ExpandPath),
        ];
    }

    private List<SshIdentity> Identities(SshConfigFile config, SshTokens tokens)
    {
        if (_settings.KeyFile is { } key)
            return [new SshIdentity(key, Required: true)];

        var named = config.Values("IdentityFile");
        return named.Count > 0
            ? [.. named.Where(path => path != "none").Select(path => new SshIdentity(tokens.ExpandPath(path), Required: false))]
            : [.. DefaultIdentities.Select(identity => new SshIdentity(Path.Combine(_home, ".ssh", identity), Required: false))];
    }

    private static string? AgentSocket(string? configured, SshTokens tokens) => configured switch
    {
        null or "SSH_AUTH_SOCK" => Environment.GetEnvironmentVariable("SSH_AUTH_SOCK"),
        "none" => null,
        ['$', not '{', ..] => Environment.GetEnvironmentVariable(configured[1..]),
        _ => tokens.ExpandPath(configured),
    };

    private static bool IsYes(string? value) => value is not null && (value.Equals("yes", StringComparison.OrdinalIgnoreCase) || value.Equals("true", StringComparison.OrdinalIgnoreCase));

    private static int? Number(SshConfigFile config, string keyword)
    {
        if (config.Value(keyword) is not { } text)
            return null;

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new EtcdDrException(
                "SshConfigInvalid", EtcdDrErrorCategory.InvalidArgument, Errors.SshConfigInvalid_Number.With(keyword, text), Errors.SshConfigInvalid_Action);
    }
}
