namespace EtcdDr.Tests;

/// <summary>A test of what runs as root on a node and looks at who owns its directories; skipped where the tests are not root.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Environment.IsPrivilegedProcess ? null : "This needs root, as on a node.";
}
