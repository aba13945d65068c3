namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Nodes of the secondary that could not be read, for one reason.</summary>
/// <param name="name">Name of the check.</param>
/// <param name="category">What it is about.</param>
/// <param name="isOfIt">Whether a failure is of that reason.</param>
/// <param name="right">What is said where no node failed of it.</param>
internal sealed class FailureCheck(string name, string category, Func<EtcdDrException, bool> isOfIt, string right) : IMirrorCheck
{
    /// <summary>Beginnings of the errors of sudo.</summary>
    public const string Sudo = "Sudo";

    /// <summary>Beginnings of the errors of host keys.</summary>
    public const string HostKey = "HostKey";

    /// <summary>The error of an etcd outside the control-plane nodes.</summary>
    public const string ExternalEtcd = "ExternalEtcd";

    public string Name => name;

    public string Category => category;

    /// <summary>Whether a failure is none of those with a check of their own.</summary>
    public static bool IsOther(EtcdDrException failure) =>
        !Begins(failure, Sudo) && !Begins(failure, HostKey) && failure.ErrorId != ExternalEtcd;

    /// <summary>Whether a failure's identifier begins with something.</summary>
    public static bool Begins(EtcdDrException failure, string beginning) => failure.ErrorId.StartsWith(beginning, StringComparison.Ordinal);

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var findings = secondary
            .Nodes.Where(n => n.Failure is { } f && isOfIt(f))
            .Select(n => MirrorFinding.Fail(n.Failure!.Message, n.Failure.RecommendedAction) with { Node = n.Name });
        return MirrorFinding.OrPass(findings, secondary.Probed.Any(), right);
    }
}
