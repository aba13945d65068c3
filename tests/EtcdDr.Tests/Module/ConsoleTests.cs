using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using EtcdDr.Lab.Tools;
using EtcdDr.Tests.Package;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Module;

/// <summary>What a person or a job meets in pwsh itself: installing, redirection, questions that nobody answers, Ctrl-C.</summary>
public sealed class ConsoleTests : IDisposable
{
    private const int SigInt = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Install_PSResource_takes_the_package_from_a_directory_and_the_module_is_found_by_its_name()
    {
        var gallery = Path.GetDirectoryName(PackagedModule.Artifact($"EtcdDr.{PackagedModule.Contents.Manifest.Version}.nupkg"))!;

        var (exitCode, output) = await ScriptProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            Register-PSResourceRepository -Name Local -Uri '{{gallery}}' -Trusted
            Install-PSResource EtcdDr -Repository Local
            $installed = Get-PSResource EtcdDr
            "installed $($installed.Version) below $($installed.InstalledLocation.Replace('{{_directory.Path}}', '~'))"
            "found $((Get-Command Get-EtcdStatus).Module.ModuleBase.StartsWith($installed.InstalledLocation))"
            (Get-Help Get-EtcdStatus).Synopsis
            """,
            ("HOME", _directory.Path)
        );

        Assert.True(exitCode == 0, output);
        Assert.Contains(
            $"installed {PackagedModule.Contents.Manifest.Version} below ~/.local/share/powershell/Modules",
            output,
            StringComparison.Ordinal
        );
        Assert.Contains("found True", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirected_output_has_objects_errors_and_warnings_each_in_its_place_and_no_escape_codes()
    {
        SnapshotSamples.WriteOwn(_directory.At("backups"));

        var (_, output, error) = await CommandAsync(
            $"{Import}; Get-EtcdSnapshot '{_directory.At("backups")}' | Format-List Name; Get-EtcdSnapshot '{_directory.At("nowhere")}'"
        );

        Assert.Contains("etcd_snapshot_2026-11-22_23-53-31", output, StringComparison.Ordinal);
        Assert.DoesNotContain("nowhere", output, StringComparison.Ordinal);
        Assert.Contains("nowhere' does not exist", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output + error);
    }

    [Fact]
    public async Task A_question_that_nobody_answers_ends_a_job_with_1_and_changes_nothing()
    {
        SnapshotSamples.WriteOwn(_directory.At("backups"));

        var (exitCode, _, error) = await CommandAsync(
            $"$ErrorActionPreference = 'Stop'; {Import}; Get-EtcdSnapshot '{_directory.At("backups")}' | Copy-EtcdSnapshot "
                + $"-Destination '{_directory.At("copies")}' -Confirm"
        );

        Assert.Equal(1, exitCode);
        Assert.Contains("NonInteractive", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory.At("copies")));
    }

    [Fact]
    public async Task A_missing_parameter_is_no_prompt_under_NonInteractive()
    {
        var (exitCode, _, error) = await CommandAsync($"$ErrorActionPreference = 'Stop'; {Import}; New-EtcdSnapshot");

        Assert.Equal(1, exitCode);
        Assert.Contains("missing mandatory parameters", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_command_that_waits_for_a_host_long_before_its_time_limit()
    {
        using var key = RSA.Create(2048);
        await File.WriteAllTextAsync(_directory.At("key"), key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(_directory.At("key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        // A host that takes connections and never says a word.
        using var host = new TcpListener(IPAddress.Loopback, 0);
        host.Start();
        var port = ((IPEndPoint)host.LocalEndpoint).Port;
        using var process = Start(
            $"{Import}; Get-EtcdSnapshot 127.0.0.1:/backups -SshUser opc -SshPort {port} -KeyFile '{_directory.At("key")}'; 'went on'"
        );
        using var limit = new CancellationTokenSource(Limit);
        using var connection = await host.AcceptTcpClientAsync(limit.Token);

        var pressed = Stopwatch.StartNew();
        _ = NativeMethods.Kill(process.Id, SigInt);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);

        Assert.True(pressed.Elapsed < TimeSpan.FromSeconds(10), $"It took {pressed.Elapsed.TotalSeconds:0.0} s.");
        Assert.DoesNotContain("went on", output, StringComparison.Ordinal);
    }

    private static string Import => $"Import-Module '{Repository.Module}/EtcdDr.psd1'";

    private static async Task<(int ExitCode, string Output, string Error)> CommandAsync(string command)
    {
        using var process = Start(command);
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }

    // Whoever starts tests in the background may have SIGINT ignored, and children inherit that; at a terminal it is not.
    private static Process Start(string command)
    {
        var start = ScriptProcess.StartInfo(["-Command", command]);
        start.ArgumentList.Insert(0, start.FileName);
        start.ArgumentList.Insert(0, "--default-signal=INT");
        start.FileName = "env";
        return Process.Start(start)!;
    }
}
