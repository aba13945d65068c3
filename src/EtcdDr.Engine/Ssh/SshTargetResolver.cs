using System.Globalization;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh.Config;

namespace EtcdDr.Engine.Ssh;

/// <summary>Puts together settings, OpenSSH's client configuration and OpenSSH's defaults to what is needed to connect; in this order of
/// rank.</summary>
internal sealed class SshTargetResolver
{
    private const int MaxJumps = 8;

    private static readonly string[] DefaultIdentities = ["id_ed25519", "id_ecdsa", "id_rsa"];
    private static readonly SshSettings Defaults = new();

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
    /// <exception cref="EtcdDrException"><c>SshConfigInvalid</c>, <c>FileNotTrusted</c>, <c>JumpHostInvalid</c>,
    /// <c>ProxyCommandUnsupported</c>.</exception>
    public static SshTarget Resolve(string name, string address, SshSettings settings, IOperationSink sink, string? home = null)
    {
        var resolver = new SshTargetResolver(settings, sink, home ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
        return resolver.ResolveTarget(name, address);
    }

    private SshTarget ResolveTarget(string name, string address)
    {
        var config = ReadConfig(address);
        var (target, tokens) = Common(name, address, config, _settings.User, _settings.Port);
        var own = target with { Password = _settings.Password, SudoPassword = _settings.SudoPassword };
        return own with { JumpHosts = ResolveJumps(config, tokens, depth: 0) };
    }

    // The settings' jump hosts are the whole way; those of the configuration may have hops of their own.
    private IReadOnlyList<SshTarget> ResolveJumps(SshConfigFile config, SshTokens tokens, int depth)
    {
        if (depth > MaxJumps)
        {
            throw new EtcdDrException(
                "JumpHostInvalid",
                EtcdDrErrorCategory.InvalidArgument,
                Errors.JumpHostInvalid_TooMany.With(MaxJumps),
                Errors.JumpHostInvalid_TooMany_Action
            );
        }

        if (depth == 0 && _settings.JumpHosts.Count > 0)
            return [.. _settings.JumpHosts.Select(text => WithPassword(ResolveHop(JumpHost.Parse(text)).Target, tokens.User))];

        var hops = ConfiguredWay.Read(config, tokens).Select(ResolveHop).ToList();
        return hops.Count == 0 ? [] : [.. ResolveJumps(hops[0].Config, hops[0].Tokens, depth + 1), .. hops.Select(hop => hop.Target)];
    }

    // The password is the target's user's. A hop gets to see it only where the settings name that hop, and the same user on it.
    private SshTarget WithPassword(SshTarget hop, string user) => hop.User == user ? hop with { Password = _settings.Password } : hop;

    private (SshTarget Target, SshConfigFile Config, SshTokens Tokens) ResolveHop(JumpHost hop)
    {
        var config = ReadConfig(hop.Host);

        // A hop's user and port are its own; where neither it nor the configuration names a user, the nodes' user is the likely one.
        var (target, tokens) = Common(
            hop.Host,
            hop.Host,
            config,
            hop.User ?? config.Value("User") ?? _settings.User,
            hop.Port ?? ConfiguredPort(config)
        );
        return (target, config, tokens);
    }

    private (SshTarget Target, SshTokens Tokens) Common(string name, string address, SshConfigFile config, string? user, int? port)
    {
        var tokens = new SshTokens(
            _home,
            address,
            config.HostName,
            port ?? ConfiguredPort(config),
            user ?? config.Value("User") ?? Environment.UserName
        )
        {
            HostKeyAlias = config.Value("HostKeyAlias")?.ToLowerInvariant(),
        };
        var target = new SshTarget
        {
            Name = name,
            Host = tokens.Host,
            Port = tokens.Port,
            User = tokens.User,
            HostKeyAlias = tokens.HostKeyAlias,
            KnownHostsFiles = KnownHostsFiles(config, tokens),
            Identities = Identities(config, tokens),
            CertificateFiles = [.. config.Values("CertificateFile").Select(tokens.ExpandPath)],
            IdentitiesOnly = IsYes(config.Value("IdentitiesOnly")),
            AgentSocket = _settings.UseAgent ? AgentSocket(config.Value("IdentityAgent"), tokens) : null,
            KeyPassphrase = _settings.KeyPassphrase,
            ConnectTimeout = Limit(_settings.ConnectTimeoutSeconds, Defaults.ConnectTimeoutSeconds, config.Seconds("ConnectTimeout")),
            KeepAlive = Limit(_settings.KeepAliveSeconds, Defaults.KeepAliveSeconds, config.Seconds("ServerAliveInterval")),
        };
        return (target, tokens);
    }

    // The configuration's word counts where the settings have none of their own; a time of 0 or none is no limit at all, and there is
    // always one here.
    private static TimeSpan Limit(int setting, int usual, int? configured) =>
        TimeSpan.FromSeconds(setting == usual && configured is > 0 and var seconds ? seconds : setting);

    private SshConfigFile ReadConfig(string host) =>
        SshConfigFile.Read(
            host,
            _settings.ConfigFile switch
            {
                null =>
                [
                    new SshConfigSource(Path.Combine(_home, ".ssh", "config"), IsUsers: true),
                    new SshConfigSource(SystemPlaces.Here.ConfigFile, IsUsers: false),
                ],
                "" => [],
                var file => [new SshConfigSource(Path.GetFullPath(file), IsUsers: true)],
            },
            _home,
            _sink
        );

    private List<string> KnownHostsFiles(SshConfigFile config, SshTokens tokens)
    {
        if (_settings.KnownHostsFile is { } file)
            return [file];

        var own = config.Values("UserKnownHostsFile");
        var system = config.Values("GlobalKnownHostsFile");
        return
        [
            .. (own.Count > 0 ? own : ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"])
                .Where(path => path != "none")
                .Select(tokens.ExpandPath),
            .. (system.Count > 0 ? system : SystemPlaces.Here.KnownHosts).Where(path => path != "none").Select(tokens.ExpandPath),
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

    private static string? AgentSocket(string? configured, SshTokens tokens) =>
        configured switch
        {
            null or "SSH_AUTH_SOCK" => SystemPlaces.Here.Agent,
            "none" => null,
            ['$', not '{', ..] => Environment.GetEnvironmentVariable(configured[1..]),
            _ => tokens.ExpandPath(configured),
        };

    private static bool IsYes(string? value) =>
        value is not null
        && (value.Equals("yes", StringComparison.OrdinalIgnoreCase) || value.Equals("true", StringComparison.OrdinalIgnoreCase));

    private static int ConfiguredPort(SshConfigFile config) =>
        config.Value("Port") is { } port ? int.Parse(port, CultureInfo.InvariantCulture) : 22;
}
