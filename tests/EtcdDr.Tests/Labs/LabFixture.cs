using EtcdDr.Lab;

namespace EtcdDr.Tests.Labs;

/// <summary>
/// One lab for all tests of a collection: two ready clusters of three control-plane nodes and a worker, etcd 3.5. Tests that change more
/// than objects of their own make a lab of their own.
/// </summary>
public sealed class LabFixture : IAsyncLifetime
{
    private EtcdDr.Lab.Lab? _lab;

    /// <summary>The lab.</summary>
    public EtcdDr.Lab.Lab Lab =>
        _lab ?? throw new InvalidOperationException("This machine cannot run the lab; the test should have been skipped.");

    public async Task InitializeAsync()
    {
        if (EtcdDr.Lab.Packages.LabPackages.Obstacle() is null)
        {
            _lab = await EtcdDr.Lab.Lab.UpAsync(new LabOptions { Say = Console.WriteLine });
        }
    }

    public async Task DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }
    }
}
