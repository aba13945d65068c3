namespace EtcdDr.Engine.Ssh.Config;

/// <summary>The jump hosts that a configuration's <c>ProxyJump</c> or <c>ProxyCommand</c> leads through.</summary>
internal static class ConfiguredWay
{
    private static readonly string[] Targets = ["%h:%p", "[%h]:%p"];

    // Options of ssh without a value that make no difference to the way.
    private const string Flags = "qxTanvC";

    /// <summary>The hosts in the order in which they are passed; none for a straight way.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="tokens">What <c>%h</c> and the like stand for: a jump's user and host may name the target's.</param>
    /// <exception cref="EtcdDrException"><c>ProxyCommandUnsupported</c>, <c>JumpHostInvalid</c>.</exception>
    public static IReadOnlyList<JumpHost> Read(SshConfigFile config, SshTokens tokens)
    {
        if (config.Way is not var (keyword, value) || value.Equals("none", StringComparison.OrdinalIgnoreCase))
            return [];

        var hosts = keyword == "proxyjump" ? Jumps(value.Split('#')[0].TrimEnd()) : OfCommand(value);
        if (hosts is null)
            throw Unsupported(config.OriginalHost, value);

        return
        [
            .. hosts.Select(host =>
                host with
                {
                    User = host.User is null ? null : tokens.Expand(host.User),
                    Host = tokens.Expand(host.Host),
                }
            ),
        ];
    }

    private static List<JumpHost> Jumps(string value) =>
        value.Equals("none", StringComparison.OrdinalIgnoreCase)
            ? []
            : [.. value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(JumpHost.Parse)];

    /// <summary>The hosts of <c>ssh -W %h:%p [-l user] [-p port] [-J hosts] host</c>; null for any other command.</summary>
    internal static IReadOnlyList<JumpHost>? OfCommand(string command)
    {
        var words = new Queue<string>(SshConfigLine.Split(command) ?? []);
        if (words.TryPeek(out var first) && first == "exec")
            words.Dequeue();

        if (!words.TryDequeue(out var program) || program.Split('/')[^1] != "ssh")
            return null;

        var options = new Dictionary<char, string>();
        string? destination = null;
        while (words.TryDequeue(out var word))
        {
            if (!word.StartsWith('-') && destination is null)
                destination = word;
            else if (!word.StartsWith('-') || !TakeOptions(word, words, options))
                return null;
        }

        if (destination is null || !options.TryGetValue('W', out var target) || !Targets.Contains(target))
            return null;

        var host = JumpHost.Parse(destination);
        host = host with { User = options.GetValueOrDefault('l') ?? host.User };
        if (options.TryGetValue('p', out var port))
            host = host with { Port = ushort.TryParse(port, out var number) ? number : null };

        return host.Port is null && port is not null ? null : [.. Jumps(options.GetValueOrDefault('J') ?? "none"), host];
    }

    // One word may hold several: -qW %h:%p, -p2222.
    private static bool TakeOptions(string word, Queue<string> following, Dictionary<char, string> options)
    {
        for (var at = 1; at < word.Length; at++)
        {
            if (Flags.Contains(word[at], StringComparison.Ordinal))
                continue;

            if (!"WlpJ".Contains(word[at], StringComparison.Ordinal))
                return false;

            var value =
                at + 1 < word.Length ? word[(at + 1)..]
                : following.TryDequeue(out var next) ? next
                : null;
            return value is not null && options.TryAdd(word[at], value);
        }

        return word.Length > 1;
    }

    // Its arguments may hold a password, so only its name is shown.
    private static EtcdDrException Unsupported(string host, string command)
    {
        var name = SshConfigLine.Split(command) is [var program, ..] ? program : command.Split(' ')[0];
        return new EtcdDrException(
            "ProxyCommandUnsupported",
            EtcdDrErrorCategory.NotImplemented,
            Errors.ProxyCommandUnsupported.With(host, name),
            Errors.ProxyCommandUnsupported_Action.With(host),
            host
        );
    }
}
