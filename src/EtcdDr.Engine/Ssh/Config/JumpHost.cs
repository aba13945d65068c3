namespace EtcdDr.Engine.Ssh.Config;

/// <summary>A jump host as settings and ProxyJump write it: <c>[user@]host[:port]</c>, or <c>ssh://[user@]host[:port]</c>; IPv6 in
/// brackets.</summary>
/// <param name="User">The user; null if it is not given.</param>
/// <param name="Host">The host.</param>
/// <param name="Port">The port; null if it is not given.</param>
internal sealed record JumpHost(string? User, string Host, int? Port)
{
    /// <summary>Reads one.</summary>
    /// <exception cref="EtcdDrException"><c>JumpHostInvalid</c>.</exception>
    public static JumpHost Parse(string text)
    {
        var rest = text.Trim();
        if (rest.StartsWith("ssh://", StringComparison.OrdinalIgnoreCase))
            rest = rest["ssh://".Length..].TrimEnd('/');

        var at = rest.LastIndexOf('@');
        var user = at >= 0 ? rest[..at] : null;
        rest = rest[(at + 1)..];
        string host;
        var portText = string.Empty;
        if (rest.StartsWith('[') && rest.IndexOf(']', StringComparison.Ordinal) is > 0 and var close)
        {
            host = rest[1..close];
            portText = rest[(close + 1)..];
        }
        else
        {
            // More than one colon without brackets is an IPv6 address without a port.
            var colon = rest.IndexOf(':', StringComparison.Ordinal);
            var hasPort = colon >= 0 && colon == rest.LastIndexOf(':');
            host = hasPort ? rest[..colon] : rest;
            portText = hasPort ? rest[colon..] : string.Empty;
        }

        var valid =
            host.Length > 0 && user is not "" && (portText.Length == 0 || (portText[0] == ':' && ushort.TryParse(portText[1..], out _)));
        return valid
            ? new JumpHost(
                user,
                host,
                portText.Length > 0 ? ushort.Parse(portText[1..], System.Globalization.CultureInfo.InvariantCulture) : null
            )
            : throw new EtcdDrException(
                "JumpHostInvalid",
                EtcdDrErrorCategory.InvalidArgument,
                Errors.JumpHostInvalid.With(text),
                Errors.JumpHostInvalid_Action,
                text
            );
    }
}
