using System.Text;
using System.Text.RegularExpressions;

namespace EtcdDr.Engine.Ssh.Config;

/// <summary>Expands what ssh_config(5) calls tokens (<c>%h</c> and the like), <c>~</c> and <c>${VARIABLE}</c>.</summary>
/// <param name="Home">The user's home directory, <c>%d</c>.</param>
/// <param name="OriginalHost">The host as it was asked for, <c>%n</c>.</param>
/// <param name="Host">The host that is connected to, <c>%h</c>.</param>
/// <param name="Port">The port, <c>%p</c>.</param>
/// <param name="User">The remote user, <c>%r</c>.</param>
internal sealed partial record SshTokens(string Home, string OriginalHost, string Host, int Port, string User)
{
    /// <summary>The name to look up in known_hosts, <c>%k</c>; null for the host as it was asked for.</summary>
    public string? HostKeyAlias { get; init; }

    /// <summary>A host name of the configuration, in which <c>%h</c> is the host as it was asked for.</summary>
    public static string HostName(string value, string originalHost) =>
        value.Replace("%%", "\0", StringComparison.Ordinal).Replace("%h", originalHost, StringComparison.Ordinal).Replace('\0', '%');

    /// <summary>A path whose leading <c>~</c> is the home directory.</summary>
    public static string ExpandHome(string path, string home) =>
        path == "~" ? home
        : path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(home, path[2..])
        : path;

    /// <summary>A path of the configuration.</summary>
    public string ExpandPath(string value)
    {
        return Expand(
            Variable().Replace(ExpandHome(value, Home), match => Environment.GetEnvironmentVariable(match.Groups[1].Value) ?? match.Value)
        );
    }

    /// <summary>A text of the configuration with its tokens expanded.</summary>
    public string Expand(string text)
    {
        var expanded = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 1 < text.Length)
                expanded.Append(Token(text[++i]));
            else
                expanded.Append(text[i]);
        }

        return expanded.ToString();
    }

    [GeneratedRegex(@"\$\{(\w+)\}")]
    private static partial Regex Variable();

    private string Token(char token) =>
        token switch
        {
            '%' => "%",
            'd' => Home,
            'h' => Host,
            'k' => HostKeyAlias ?? OriginalHost,
            'n' => OriginalHost,
            'p' => $"{Port}",
            'r' => User,
            'u' => Environment.UserName,
            'l' => Environment.MachineName,
            'L' => Environment.MachineName.Split('.')[0],
            _ => $"%{token}",
        };
}
