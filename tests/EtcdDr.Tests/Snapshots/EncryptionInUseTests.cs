using System.Diagnostics;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Keys;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

/// <summary>A snapshot whose values are encrypted by another configuration than the one that it holds cannot be read.</summary>
public sealed class EncryptionInUseTests : IDisposable
{
    private const string Reload = "--encryption-provider-config-automatic-reload";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-encryption-").FullName;

    private string ConfigurationFile => Path.Combine(_directory, "encryption.yaml");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    // Up for 1,000 s at 1,000,000: what began at 50,000 ticks started at 999,500.
    [Theory]
    [InlineData("999400", "process 50000 same", "", false)]
    [InlineData("999600.25", "process 50000 same", "", true)]
    [InlineData("999600.25", "process 50000 other", "", true)]
    [InlineData("999600.25", "process 50000 same", Reload + "=true", false)]
    [InlineData("999600.25", "process 50000 same", Reload, false)]
    [InlineData("999600.25", "process 50000 same", Reload + "=false", true)]
    [InlineData("999600.25", "process 50000 other", Reload + "=true", true)]
    [InlineData("999600.25", "process 50000 unknown", Reload + "=true", false)]
    [InlineData("999600.25", "process 50000 same\nprocess 70000 same", "", true)]
    [InlineData("999600.25", "process 70000 same", "", false)]
    [InlineData("999600.25", "", "", false)]
    public void A_configuration_that_was_replaced_without_a_restart_is_warned_of(string changed, string processes, string flag, bool warns)
    {
        var told = EncryptionInUse.Parse($"changed {changed}\nnow 1000000.5\nup 1000.50\nticks 100\n{processes}\n");

        Assert.Equal(warns, told!.Warning("cp1", ApiServer(flag)) is not null);
    }

    [Fact]
    public void The_warning_names_node_file_both_times_and_what_to_do()
    {
        var told = EncryptionInUse.Parse("changed 1795400000.5\nnow 1795500000\nup 200000\nticks 100\nprocess 100 same\n");

        var warning = told!.Warning("cp1", ApiServer(string.Empty));

        Assert.StartsWith(
            $"The encryption configuration {ConfigurationFile} of node cp1 was changed at 2026-11-23 02:13:20Z, after its apiserver "
                + "started at 2026-11-21 22:26:41Z:",
            warning,
            StringComparison.Ordinal
        );
        Assert.Contains("Restart that apiserver, or put the file back that it read", warning, StringComparison.Ordinal);
        Assert.EndsWith($"{Reload}=true makes it read changes by itself.", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("changed x\nnow 1\nup 1\nticks 100\n")]
    [InlineData("changed 1\nnow 1\nup 1\nticks 0\n")]
    public void Nothing_is_said_where_a_node_does_not_tell(string text) => Assert.Null(EncryptionInUse.Parse(text));

    [Fact]
    public async Task A_file_is_compared_with_the_start_of_the_process_that_was_told_of_it()
    {
        await File.WriteAllTextAsync(ConfigurationFile, "before");
        using var process = Process.Start(
            new ProcessStartInfo("sh", ["-c", "read line", "kube-apiserver", $"--encryption-provider-config={ConfigurationFile}"])
            {
                RedirectStandardInput = true,
            }
        )!;
        var host = new LocalHost("cp1");
        try
        {
            Assert.Null(await SnapshotKeys.InUseAsync(host, ApiServer(string.Empty), CancellationToken.None));

            // Ticks of the process's clock are coarse: until the change is one of another time.
            string? warning = null;
            for (var began = Stopwatch.StartNew(); warning is null && began.Elapsed < Limit; )
            {
                await File.WriteAllTextAsync(ConfigurationFile, "after");
                warning = await SnapshotKeys.InUseAsync(host, ApiServer(string.Empty), CancellationToken.None);
            }

            Assert.Contains("was changed at", warning, StringComparison.Ordinal);
        }
        finally
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
        }
    }

    private ApiServerConfiguration ApiServer(string flag) =>
        ApiServerSample.Of(_directory, $"--encryption-provider-config={ConfigurationFile}", flag);
}
