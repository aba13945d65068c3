using EtcdDr.Engine.Mirror.Checks;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Mirror;

/// <summary>All checks of two sites, in the order in which they are shown.</summary>
public static class MirrorChecks
{
    private static readonly IMirrorCheck[] All =
    [
        new KubeApiCheck(), new SshAccessCheck(), new HostKeysCheck(), new SudoCheck(), new NodeReachCheck(),
        new NodeNamesCheck(), new NodeLabelsCheck(),
        new EndpointNameCheck(), new EndpointResolutionCheck(), new EndpointCertificateCheck(),
        new NodeResolutionCheck(), new NameServiceOrderCheck(), new ClockCheck(),
        new KubernetesVersionCheck(), new KubeletVersionCheck(), new NodeSoftwareCheck(),
        new StackedEtcdCheck(), new EtcdVersionCheck(), new EtcdHealthCheck(), new RestoreToolCheck(), new EtcdSpaceCheck(),
        new PodCidrCheck(), new ServiceCidrCheck(), new ServiceAccountIssuerCheck(), new EncryptionAtRestCheck(), new AdmissionCheck(),
        new CapacityCheck(),
        new StorageClassesCheck(), new CsiDriversCheck(), new NfsCheck(), new PriorityClassesCheck(), new RuntimeClassesCheck(), new IngressClassesCheck(),
        new NodeSelectorsCheck(), new ImagesCheck(), new LoadBalancersCheck(), new WebhooksCheck(),
    ];

    /// <summary>Names of all checks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(c => c.Name)];

    /// <summary>Judges two sites.</summary>
    /// <param name="primary">What is known of the primary, or of a snapshot of it.</param>
    /// <param name="secondary">What is known of the secondary.</param>
    /// <param name="include">Names of checks to make, with wildcards; all where it is empty.</param>
    /// <param name="exclude">Names of checks to leave out, with wildcards.</param>
    internal static IEnumerable<MirrorCheck> Judge(SiteFacts primary, SiteFacts secondary, IReadOnlyList<string> include, IReadOnlyList<string> exclude) =>
        from check in All
        where (include.Count == 0 || include.Any(p => Wildcard.Matches(p, check.Name))) && !exclude.Any(p => Wildcard.Matches(p, check.Name))
        from finding in check.Judge(primary, secondary)
        select new MirrorCheck
        {
            Name = check.Name,
            Category = check.Category,
            Node = finding.Node,
            Status = finding.Status,
            PrimaryValue = finding.Primary,
            SecondaryValue = finding.Secondary,
            Message = finding.Message,
            Remedy = finding.Remedy,
        };
}
