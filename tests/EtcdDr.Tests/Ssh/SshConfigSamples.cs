using System.Text;

namespace EtcdDr.Tests.Ssh;

/// <summary>Makes configurations of all that is served, the same ones for the same seed.</summary>
internal sealed class SshConfigSamples
{
    /// <summary>Commands that are read as jump hosts: what they lead through.</summary>
    public static IReadOnlyDictionary<string, string> Commands { get; } =
        new Dictionary<string, string>
        {
            ["ssh -W %h:%p jump-a"] = "jump-a",
            ["ssh -q -W [%h]:%p -l gate -p 2200 jump-b"] = "gate@jump-b:2200",
            ["exec /usr/bin/ssh -qxW %h:%p u@jump-c"] = "u@jump-c",
            ["ssh -J jump-b jump-c -W %h:%p"] = "jump-b,jump-c",
        };

    private static readonly string[] Asked = ["cp1", "CP1", "cp1.example.com", "192.0.2.11", "web-3"];

    private static readonly (string Keyword, string[] Values)[] Directives =
    [
        ("HostName", ["192.0.2.50", "%h.example.com", "Node.Example.COM", "\"quoted.example.com\"", "a%%b"]),
        ("User", ["ops", "\"two words\"", "root", "'single'"]),
        ("Port", ["22", "2222", "2200"]),
        ("IdentityFile", ["~/.ssh/one", "%d/two", "/keys/%h-%r", "\"/keys/a b\"", "/keys/%n/%p"]),
        ("IdentitiesOnly", ["yes", "no"]),
        ("CertificateFile", ["~/one-cert.pub", "/keys/%r-cert.pub"]),
        ("IdentityAgent", ["none", "SSH_AUTH_SOCK", "/run/agent.sock", "~/agent"]),
        ("UserKnownHostsFile", ["/known/a /known/b", "none", "~/.ssh/other"]),
        ("GlobalKnownHostsFile", ["/known/system", "none"]),
        ("HostKeyAlias", ["Alias-One", "alias2"]),
        ("ConnectTimeout", ["10s", "1m", "1m30s", "none", "7", "0", "1H"]),
        ("ServerAliveInterval", ["1m", "5", "0", "90s"]),
        (
            "ProxyJump",
            ["jump-a", "%r@jump-a:2222", "u@jump-a,jump-b:2200,jump-c", "none", "ssh://u@jump-a:22", "jump-%n", "[192.0.2.99]:22"]
        ),
        ("ProxyCommand", ["none", .. Commands.Keys]),
        ("Compression", ["yes"]),
        ("ForwardAgent", ["no"]),
        ("StrictHostKeyChecking", ["ask"]),
        ("SendEnv", ["LANG LC_*"]),
    ];

    private static readonly string[] Sections =
    [
        "Host *",
        "Host cp*",
        "Host cp? !cp1",
        "Host web-* 192.0.2.*",
        "Host CP1",
        "Host *.example.com",
        "Host cp1 cp2",
        "Host \"cp1\"",
        "Host !cp1 *",
        "Match all",
        "Match host cp1",
        "Match host=cp1",
        "Match host *.example.com",
        "Match host *.EXAMPLE.com",
        "Match originalhost cp1,web-*",
        "Match !host cp1",
        "Match user root",
        "Match user ROOT",
        "Match user ops,two*",
        "Match localuser *,!nobody",
        "Match final",
        "Match canonical",
        "Match final host *.example.com",
        "Match final all",
        "Match host cp* user ops",
        "Match final originalhost=cp1 user=\"two words\"",
        "Match !all",
    ];

    private static readonly string[] Includes =
    [
        "conf.d/*",
        "conf.d/[ab]*",
        "conf.d/?.conf",
        "conf.d/[!a]*",
        "sub/*/hosts",
        "sub/[[:digit:]]*/hosts",
        "none.d/*",
        "conf.d/a.conf",
    ];

    private readonly Random _random;

    private SshConfigSamples(int seed) => _random = new Random(seed);

    /// <summary>Writes a configuration into a home directory and says which host to ask for.</summary>
    public static string Write(int seed, string home)
    {
        var sample = new SshConfigSamples(seed);
        var directory = Path.Combine(home, ".ssh");
        foreach (
            var name in new[]
            {
                "conf.d/a.conf",
                "conf.d/b.conf",
                "conf.d/.hidden",
                "conf.d/bb.conf",
                "sub/1/hosts",
                "sub/x/hosts",
                "sub/.git/hosts",
            }
        )
        {
            var file = Path.Combine(directory, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, sample.Text(sections: 2, include: null));
        }

        // The way through the jump hosts is their own and straight.
        File.WriteAllText(
            Path.Combine(directory, "config"),
            "Host jump-* 192.0.2.99\n  ProxyJump none\nHost *\n" + sample.Text(sections: 5, directory)
        );
        return sample.One(Asked);
    }

    private string Text(int sections, string? include)
    {
        var text = new StringBuilder();
        for (var section = 0; section < sections; section++)
        {
            AppendLines(text);
            if (include is not null && _random.Next(3) == 0)
                text.Append("Include ").AppendLine(Path.Combine(include, One(Includes)));

            text.AppendLine(One(Sections));
        }

        AppendLines(text);
        return text.ToString().Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    private void AppendLines(StringBuilder text)
    {
        for (var line = _random.Next(4); line > 0; line--)
        {
            var (keyword, values) = Directives[_random.Next(Directives.Length)];
            var isWay = keyword.StartsWith("Proxy", StringComparison.Ordinal);
            keyword = _random.Next(3) switch
            {
                0 => keyword.ToLowerInvariant(),
                1 => keyword.ToUpperInvariant(),
                _ => keyword,
            };
            text.Append(One("", "  ", "\t")).Append(keyword).Append(One(" ", "=", " = ", "\t", "  ")).Append(One(values));
            text.AppendLine(isWay ? One("", "  ") : One("", "", " # a comment", "  "));
        }

        if (_random.Next(4) == 0)
            text.AppendLine(One("# a comment", "", "   ", "\t# another"));
    }

    private string One(params string[] values) => values[_random.Next(values.Length)];
}
