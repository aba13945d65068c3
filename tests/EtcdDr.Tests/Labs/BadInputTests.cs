using System.Diagnostics;
using System.Globalization;
using EtcdDr.Tests.Module;

namespace EtcdDr.Tests.Labs;

/// <summary>What users get wrong, through the module's cmdlets against the lab: a clear error each, and everything as it was.</summary>
[Trait("Category", "Lab")]
[Collection(LabCollection.Name)]
public sealed class BadInputTests(LabFixture fixture) : IAsyncLifetime
{
    private readonly string _work = Directory.CreateTempSubdirectory("etcddr-badinput-").FullName;
    private string _snapshot = string.Empty;

    public async Task InitializeAsync()
    {
        var (exit, output) = await RunAsync($"(Get-EtcdCluster primary | New-EtcdSnapshot -Path '{_work}').Path");
        Assert.True(exit == 0, output);
        _snapshot = Directory.GetDirectories(_work, "etcd_snapshot_*").Single();
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_work, recursive: true);
        return Task.CompletedTask;
    }

    [LabFact]
    public async Task Kubeconfig_context_and_keys_that_do_not_fit_are_named()
    {
        var profile = await File.ReadAllTextAsync(fixture.Lab.ProfilePath);
        var key = fixture.Lab.SshKeyFile;
        var encrypted = Path.Combine(_work, "encrypted");
        var foreign = Path.Combine(_work, "foreign");
        await KeyGenAsync(encrypted, "a passphrase");
        await KeyGenAsync(foreign, string.Empty);

        await ExpectAsync(
            "KubeconfigNotFound",
            "nowhere.kubeconfig",
            profile.Replace("secondary.kubeconfig", "nowhere.kubeconfig", StringComparison.Ordinal)
        );
        await ExpectAsync(
            "KubeContextNotFound",
            "no-such-context",
            profile.Replace("secondary.kubeconfig\n", "secondary.kubeconfig\n    context: no-such-context\n", StringComparison.Ordinal)
        );
        await ExpectAsync(
            "KeyFileNotFound",
            "missing-key",
            profile.Replace(key, Path.Combine(_work, "missing-key"), StringComparison.Ordinal)
        );
        await ExpectAsync("KeyPassphraseRequired", encrypted, profile.Replace(key, encrypted, StringComparison.Ordinal));
        await ExpectAsync("SshAuthenticationFailed", "cp1", profile.Replace(key, foreign, StringComparison.Ordinal));
    }

    [LabFact]
    public async Task Host_keys_that_are_unknown_or_changed_are_refused_with_their_fingerprint()
    {
        var profile = await File.ReadAllTextAsync(fixture.Lab.ProfilePath);
        var known = Path.Combine(_work, "known_hosts");
        var other = Path.Combine(_work, "other");
        await KeyGenAsync(other, string.Empty);
        var foreign = string.Join(' ', (await File.ReadAllTextAsync(other + ".pub")).Split(' ').Take(2));

        await File.WriteAllTextAsync(known, string.Empty);
        await ExpectAsync("HostKeyUnknown", "SHA256:", profile.Replace(fixture.Lab.KnownHostsFile, known, StringComparison.Ordinal));

        await File.WriteAllLinesAsync(known, fixture.Lab.Secondary.Nodes.Select(n => $"{n.Address} {foreign}"));
        await ExpectAsync("HostKeyChanged", "SHA256:", profile.Replace(fixture.Lab.KnownHostsFile, known, StringComparison.Ordinal));
    }

    [LabFact]
    public async Task A_node_that_asks_for_a_sudo_password_is_named()
    {
        var node = fixture.Lab.Secondary["cp2"];
        await node.RunAsync(
            "mkdir -p /root/aside && mv /etc/sudoers.d/* /root/aside/ && printf '%s ALL=(ALL) ALL\\n' opc > /etc/sudoers.d/asks && "
                + "chmod 440 /etc/sudoers.d/asks"
        );
        try
        {
            await ExpectAsync("SudoPasswordRequired", "cp2", await File.ReadAllTextAsync(fixture.Lab.ProfilePath));
        }
        finally
        {
            await node.RunAsync("rm /etc/sudoers.d/asks && mv /root/aside/* /etc/sudoers.d/");
        }
    }

    [LabFact]
    public async Task Snapshots_that_are_altered_incomplete_or_none_are_refused_before_anything_is_touched()
    {
        var altered = Path.Combine(_work, "altered");
        CopyDirectory(_snapshot, Path.Combine(altered, Path.GetFileName(_snapshot)));
        var database = Path.Combine(altered, Path.GetFileName(_snapshot), "etcd-snapshot.db");
        await using (var file = new FileStream(database, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = 10_000;
            var value = file.ReadByte();
            file.Position = 10_000;
            file.WriteByte((byte)(value ^ 1));
        }

        await ExpectScriptAsync(
            "SnapshotAltered",
            "etcd-snapshot.db",
            $"Get-EtcdSnapshot '{altered}' | Restore-EtcdSnapshot -Cluster secondary -Confirm:$false"
        );
        File.Delete(database);
        await ExpectScriptAsync(
            "Snapshot",
            Path.GetFileName(_snapshot),
            $"Get-EtcdSnapshot '{Path.GetDirectoryName(database)}' | Restore-EtcdSnapshot -Cluster secondary -Confirm:$false"
        );
        var none = Path.Combine(_work, "notes.db");
        await File.WriteAllTextAsync(none, "not a database");
        await ExpectScriptAsync("NotASnapshot", none, $"Get-EtcdSnapshot '{none}' -ErrorAction Stop");
    }

    [LabFact]
    public async Task Keys_of_the_cluster_show_in_no_stream_and_no_log()
    {
        var copy = Path.Combine(_work, "verbose");
        CopyDirectory(_snapshot, Path.Combine(copy, Path.GetFileName(_snapshot)));
        var (_, output) = await RunAsync(
            "$VerbosePreference = 'Continue'; $DebugPreference = 'Continue'; Get-EtcdCluster primary | New-EtcdSnapshot -Path "
                + $"'{copy}/more' -Verbose; "
                + $"Get-EtcdSnapshot '{copy}' | Restore-EtcdSnapshot -Cluster secondary -StageOnly -Confirm:$false -Verbose; "
                + "Get-EtcdStage secondary | ForEach-Object { Remove-EtcdStage secondary $_.Id -Confirm:$false -Verbose }"
        );

        var logs = Directory
            .GetFiles(copy, "*.log", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(copy, "journal.json", SearchOption.AllDirectories))
            .ToList();
        Assert.NotEmpty(logs);
        var secrets = SecretLines(Path.Combine(_snapshot, "keys/sa.key")).Concat(SecretLines(fixture.Lab.SshKeyFile)).ToList();
        Assert.NotEmpty(secrets);
        foreach (var text in logs.Select(File.ReadAllText).Append(output))
        {
            Assert.DoesNotContain(secrets, secret => text.Contains(secret, StringComparison.Ordinal));
        }
    }

    // Lines of a PEM's body; any of them in a log is a leak.
    private static IEnumerable<string> SecretLines(string path) => File.ReadAllLines(path).Where(l => l.Length > 30 && !l.StartsWith('-'));

    private static async Task KeyGenAsync(string path, string passphrase)
    {
        using var process = Process.Start(new ProcessStartInfo("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", path]))!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static void CopyDirectory(string from, string to)
    {
        Directory.CreateDirectory(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var directory in Directory.GetDirectories(from))
        {
            CopyDirectory(directory, Path.Combine(to, Path.GetFileName(directory)));
        }

        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private async Task ExpectAsync(string errorId, string names, string profile)
    {
        var path = Path.Combine(_work, string.Create(CultureInfo.InvariantCulture, $"{Guid.NewGuid():N}.yaml"));
        await File.WriteAllTextAsync(path, profile);
        await ExpectScriptAsync(
            errorId,
            names,
            $"Get-EtcdSnapshot '{_snapshot}' | Restore-EtcdSnapshot -Cluster (Get-EtcdCluster secondary -ErrorAction Stop) -WhatIf",
            path
        );
    }

    private async Task ExpectScriptAsync(string errorId, string names, string script, string? profile = null)
    {
        var (_, output) = await RunAsync(
            $"try {{ {script}; 'NO ERROR' }} catch {{ \"ID=$($_.FullyQualifiedErrorId)\"; $_.Exception.Message }}",
            profile
        );

        Assert.Contains("ID=" + errorId, output, StringComparison.Ordinal);
        Assert.Contains(names, output.ReplaceLineEndings(string.Empty), StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output)> RunAsync(string script, string? profile = null) =>
        ScriptProcess.RunAsync(
            $"Import-Module '{Path.Combine(Repository.Root, "out", "EtcdDr", "EtcdDr.psd1")}'; $ErrorActionPreference = 'Stop'; {script}",
            ("ETCDDR_PROFILE", profile ?? fixture.Lab.ProfilePath)
        );
}
