using EtcdDr.Lab;
using EtcdDr.Lab.Kubeadm;
using EtcdDr.Lab.Packages;

namespace EtcdDr.Tests.Mirror;

/// <summary>A site of one node with a disk of its own, and others like it but for one thing that was decided when they were made.</summary>
public sealed class SmallSiteFixture : IAsyncLifetime
{
    private EtcdDr.Lab.Lab? _lab;

    /// <summary>The site.</summary>
    public LabCluster Site =>
        _lab?.Primary ?? throw new InvalidOperationException("This machine cannot run the lab; the test should have been skipped.");

    public async Task InitializeAsync()
    {
        if (LabPackages.Obstacle() is null)
        {
            _lab = await UpAsync(layout => layout);
        }
    }

    public async Task DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }
    }

    /// <summary>Makes another site.</summary>
    internal static Task<EtcdDr.Lab.Lab> UpAsync(Func<ClusterLayout, ClusterLayout> layout, string etcd = "3.5") =>
        EtcdDr.Lab.Lab.UpAsync(
            new LabOptions
            {
                ControlPlanes = 1,
                Workers = 0,
                Secondary = false,
                EtcdVersion = etcd,
                DiskMountPoint = "/var/lib",
                Layout = layout,
            }
        );
}
