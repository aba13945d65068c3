using EtcdDr.Lab.Faults;

namespace EtcdDr.Tests.Restore;

/// <summary>A lab of its own for restores that are struck, with the snapshot that they restore.</summary>
public sealed class FaultFixture : IAsyncLifetime
{
    private EtcdDr.Lab.Lab? _lab;
    private FaultRun? _run;

    /// <summary>The lab.</summary>
    public EtcdDr.Lab.Lab Lab =>
        _lab ?? throw new InvalidOperationException("This machine cannot run the lab; the test should have been skipped.");

    /// <summary>The cases' runner.</summary>
    public FaultRun Run =>
        _run ?? throw new InvalidOperationException("This machine cannot run the lab; the test should have been skipped.");

    /// <summary>Runs a case. After one that did not end whole the lab is made anew: what it left says nothing about the next.</summary>
    public async Task<FaultOutcome> RunAsync(FaultCase fault)
    {
        var outcome = await Run.RunAsync(fault, CancellationToken.None);
        if (!outcome.Whole)
        {
            await DisposeAsync();
            await InitializeAsync();
        }

        return outcome;
    }

    /// <summary>Removes what ended restores keep on the nodes, whose disks are small.</summary>
    public async Task MakeRoomAsync()
    {
        var (exit, said) = await Run.CommandsAsync(
            """
            $ended = @($cluster | Get-EtcdRestore | Where-Object State -in 'Completed', 'Incomplete', 'Undone', 'RolledBack')
            $ended | ForEach-Object { Remove-EtcdRestoreBackup -Cluster $cluster -Id $_.Id -Confirm:$false | Out-Null }
            """
        );
        Assert.True(exit == 0, said);
    }

    public async Task InitializeAsync()
    {
        if (EtcdDr.Lab.Packages.LabPackages.Obstacle() is null)
        {
            _lab = await EtcdDr.Lab.Lab.UpAsync(FaultRun.Options);
            _run = await FaultRun.PrepareAsync(_lab, CancellationToken.None);
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
