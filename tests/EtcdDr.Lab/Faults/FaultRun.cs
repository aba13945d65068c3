using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Nodes;
using EtcdDr.Lab.Played;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Faults;

/// <summary>Strikes restores into the secondary of one lab, case by case, ends each with one documented command at most, and judges what is
/// left.</summary>
public sealed class FaultRun
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan JudgingLimit = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan MendingLimit = TimeSpan.FromMinutes(3);

    // A refusal, four attempts to come to the step, and what ends it.
    private static readonly TimeSpan CaseLimit = TimeSpan.FromMinutes(15);

    // sudo that fails once where its command line holds a word; the directory belongs to all, so that the wrapper can take the order away.
    private const string Wrapper = """
        [ -e /usr/bin/sudo.real ] || mv /usr/bin/sudo /usr/bin/sudo.real
        mkdir -p /run/lab-fault && chmod 0777 /run/lab-fault
        cat > /usr/bin/sudo <<'END'
        #!/bin/sh
        if [ -e /run/lab-fault/word ]; then
            case "$*" in
                *"$(cat /run/lab-fault/word 2>/dev/null)"*)
                    rm /run/lab-fault/word 2>/dev/null && { echo 'struck by the lab' >&2; exit 1; } ;;
            esac
        fi
        exec /usr/bin/sudo.real "$@"
        END
        chmod 755 /usr/bin/sudo
        """;

    private readonly Lab _lab;
    private readonly string _work;
    private readonly string _profile;
    private readonly string _snapshot;
    private readonly LabApi _api;

    private FaultRun(Lab lab, string work, string profile, string snapshot, LabApi api)
    {
        _lab = lab;
        _work = work;
        _profile = profile;
        _snapshot = snapshot;
        _api = api;
    }

    /// <summary>The command that every case strikes.</summary>
    public string RestoreCommand =>
        $"Get-EtcdSnapshot {_snapshot} | Restore-EtcdSnapshot -Cluster $cluster -Confirm:$false -ConvergeTimeoutSeconds 3 "
        + "-StepTimeoutSeconds 60";

    /// <summary>The snapshot's directory.</summary>
    public string Snapshot => _snapshot;

    /// <summary>The kind of lab that this needs: small, with a disk that can be full.</summary>
    public static LabOptions Options { get; } =
        new()
        {
            ControlPlanes = 3,
            Workers = 1,
            DiskMountPoint = "/var/lib",
            DiskMiB = 768,
        };

    /// <summary>Takes the snapshot that is restored in every case.</summary>
    /// <param name="lab">The lab, made with <see cref="Options"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<FaultRun> PrepareAsync(Lab lab, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lab);
        var work = Directory.CreateDirectory(Path.Combine(lab.DirectoryPath, "faults")).FullName;
        var profile = Path.Combine(work, "etcddr.yaml");
        var text = await File.ReadAllTextAsync(lab.ProfilePath, cancellationToken);
        // Nothing is recycled and a dead peer shows early: the cases are about the state, not about how long it takes.
        text = text.Replace(
                "    useAgent: false\n",
                "    useAgent: false\n    keepAliveSeconds: 5\n    connectTimeoutSeconds: 15\n",
                StringComparison.Ordinal
            )
            .Replace(
                "clusters:\n",
                "  recycle:\n    kubelets: false\n    workloads: false\n    infrastructurePods: []\nclusters:\n",
                StringComparison.Ordinal
            );
        await File.WriteAllTextAsync(profile, text, cancellationToken);
        using var child = RestoreChild.Start(
            work,
            profile,
            $"$ErrorActionPreference = 'Stop'\nGet-EtcdCluster primary | New-EtcdSnapshot -Path {work}/backups | Out-Null"
        );
        if (await child.WaitAsync(CommandLimit, cancellationToken) != 0)
        {
            throw new LabException($"The snapshot could not be taken: {child.Output}");
        }

        foreach (var node in lab.Secondary.ControlPlane)
        {
            await node.RunAsync(Wrapper, cancellationToken);
            await ShortenBackOffAsync(node, cancellationToken);
        }

        var snapshot = Directory.GetDirectories(Path.Combine(work, "backups"), "etcd_snapshot_*").Single();
        return new FaultRun(lab, work, profile, snapshot, lab.Secondary.ConnectApiAsSuperAdmin());
    }

    /// <summary>Runs a case on a cluster that is whole, which is broken first where the case says so. After one that did not end whole the
    /// lab must be made anew.</summary>
    public async Task<FaultOutcome> RunAsync(FaultCase fault, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var watch = Stopwatch.StartNew();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CaseLimit);
        var told = new List<string>();
        try
        {
            var state = await RunAsync(fault, told, limit.Token);
            return new FaultOutcome(fault, true, state, string.Join("; then ", told), watch.Elapsed);
        }
        catch (LabException failure)
        {
            return new FaultOutcome(fault, false, failure.Message, string.Join("; then ", told), watch.Elapsed);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var late = $"it did not end within {CaseLimit.TotalMinutes:0} minutes";
            return new FaultOutcome(fault, false, late, string.Join("; then ", told), watch.Elapsed);
        }
    }

    /// <summary>Strikes a restore and leaves everything as it is then: nothing is mended, nothing is ended.</summary>
    /// <returns>The restore's exit code and what it printed.</returns>
    public async Task<(int Exit, string Output)> StruckAsync(FaultCase fault, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fault);
        await ClearAsync(cancellationToken);
        return await StrikeOnceAsync(fault, cancellationToken);
    }

    /// <summary>Waits until the secondary serves with members that are equal.</summary>
    /// <exception cref="LabException">It does not.</exception>
    public Task ExpectServingAsync(CancellationToken cancellationToken = default) =>
        _api.WaitAsync(
            "A cluster that serves, with members that are equal,",
            async api =>
            {
                await ClusterVerdict.ExpectServingAsync([.. _lab.Secondary.ControlPlane], api, cancellationToken);
                return true;
            },
            MendingLimit,
            cancellationToken
        );

    /// <summary>Takes back what struck a node.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task HealAsync(string node, CancellationToken cancellationToken = default) =>
        HealAsync(new FaultCase(FaultCase.Steps[0], FaultKind.Cut, node), cancellationToken);

    private async Task<string> RunAsync(FaultCase fault, List<string> told, CancellationToken cancellationToken)
    {
        var mark = $"old-{Guid.NewGuid().ToString("n")[..8]}";
        await ClearAsync(cancellationToken);
        await _api.WaitAsync("Writing the mark", api => MarkAsync(api, mark, cancellationToken), MendingLimit, cancellationToken);
        var broken = new BrokenCluster(_lab.Secondary, _api, fault.Beginning, _lab.Secondary[fault.Node]);
        var before = new ClusterBefore(await NodeRecord.ReadAllAsync(_lab.Secondary, cancellationToken), mark, broken);
        await broken.BreakAsync(cancellationToken);
        if (broken.Refusal is { } words)
        {
            await ExpectRefusalAsync(before, words, cancellationToken);
            told.Add("refused");
            await broken.RemedyAsync(cancellationToken);
        }

        var (exit, output) = await StrikeOnceAsync(fault, cancellationToken);
        told.Add($"exit {exit}{Reason(output)}");
        if (fault.Kind == FaultKind.Interrupt && exit == 0 && fault.Step != FaultCase.Steps[^1] && fault.Step != FaultCase.QuietSteps[^1])
        {
            throw new LabException("Ctrl-C was not obeyed.");
        }

        await HealAsync(fault, cancellationToken);
        if (await CommandAsync(fault, exit, cancellationToken) is { } command)
        {
            told.Add(await EndAsync(command, cancellationToken));
        }

        var state = await ClusterVerdict.WaitAsync(_lab.Secondary, _api, before, JudgingLimit, cancellationToken);
        var owed = (await ClusterVerdict.JournalStatesAsync(_lab.Secondary, cancellationToken)).Where(Owed).Distinct().ToArray();
        if (owed.Length > 0)
        {
            throw new LabException($"{state}, but journals say {string.Join(", ", owed)}");
        }

        await broken.MendAsync(state == "old", cancellationToken);
        return state;
    }

    /// <summary>What must not be restored into is refused by name, and nothing is touched.</summary>
    private async Task ExpectRefusalAsync(ClusterBefore before, IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        using var child = RestoreChild.Start(_work, _profile, RestoreScript);
        var exit = await child.WaitAsync(CommandLimit, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_work, "last-refusal.out"), child.Output, cancellationToken);
        var missing = words.Where(w => !child.Output.Contains(w, StringComparison.Ordinal)).ToList();
        if (exit == 0 || missing.Count > 0)
        {
            throw new LabException(
                $"The restore was to be refused by name (exit {exit}, not named: {string.Join(", ", missing)}): {child.Output}"
            );
        }

        if (before.Broken.Untrue.FirstOrDefault(w => child.Output.Contains(w, StringComparison.Ordinal)) is { } untrue)
        {
            throw new LabException($"The refusal says what is not so ({untrue}): {child.Output}");
        }

        await ClusterVerdict.ExpectUntouchedAsync(_lab.Secondary, before, cancellationToken);
    }

    private static bool Owed(string state) => state is "CuttingOver" or "Converging" or "Quiesced" or "RollingBack" or "Failed";

    private static async Task<bool> MarkAsync(LabApi api, string mark, CancellationToken cancellationToken)
    {
        var map = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = mark, ["namespace"] = "kube-public" },
        };
        await api.CreateAsync("/api/v1/namespaces/kube-public/configmaps", map, cancellationToken);
        return true;
    }

    private static string Reason(string output)
    {
        var found = new[]
        {
            "RestoreRolledBack",
            "RestoreStopped",
            "RollbackIncomplete",
            "RestoreStepFailed",
            "ClusterLocked",
            "RestoreUnfinished",
            "RestoreRefused",
        }
            .Where(id => output.Contains(id, StringComparison.Ordinal))
            .ToArray();
        return found.Length == 0 ? string.Empty : $" ({string.Join(", ", found)})";
    }

    /// <summary>
    /// Runs restores until one is struck. A cluster that still recovers from the case before may be refused by the preflight: nothing has
    /// begun then, so nothing is shown.
    /// </summary>
    private async Task<(int Exit, string Output)> StrikeOnceAsync(FaultCase fault, CancellationToken cancellationToken)
    {
        var why = string.Empty;
        for (var attempt = 0; attempt < 4; attempt++)
        {
            var (struck, exit, output) = await StrikeAsync(fault, cancellationToken);
            if (struck)
            {
                return (exit, output);
            }

            why = $"exit {exit}: {output.Trim()}";
            await HealAsync(fault, cancellationToken);
        }

        throw new LabException($"The restore never came to the step. {why}");
    }

    /// <summary>Runs the restore and strikes it when its journal says that the step has begun.</summary>
    private async Task<(bool Struck, int Exit, string Output)> StrikeAsync(FaultCase fault, CancellationToken cancellationToken)
    {
        var node = _lab.Secondary[fault.Node];
        var early = fault.Kind == FaultKind.Command && FaultCase.NamedOnNodes.Contains(fault.Step);
        if (early)
        {
            await node.RunAsync($"printf %s {fault.Step} > /run/lab-fault/word; chmod 666 /run/lab-fault/word", cancellationToken);
        }

        using var child = RestoreChild.Start(_work, _profile, fault.IsQuiet ? QuietScript : RestoreScript);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var trigger = FileTrigger.WaitForAsync(_snapshot, "journal.json", text => Begun(text, fault), watching.Token);
        var end = child.WaitAsync(CommandLimit, cancellationToken);
        var struck = await Task.WhenAny(trigger, end) == trigger;
        if (struck && !early)
        {
            await StrikeAsync(fault, node, child, cancellationToken);
        }

        var exit = await end;
        await watching.CancelAsync();
        await ((Task)trigger).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await File.WriteAllTextAsync(Path.Combine(_work, "last-restore.out"), child.Output, cancellationToken);
        return (struck, exit, child.Output);
    }

    private string RestoreScript => Script($"{RestoreCommand} | Out-Null");

    private string QuietScript => Script($"{RestoreCommand} -Quiesce | Out-Null");

    // The console shows what an error says and not how it is called.
    private static string Script(string command) =>
        "$ErrorActionPreference = 'Stop'\ntrap { [Console]::Error.WriteLine($_.FullyQualifiedErrorId); break }\n"
        + $"$cluster = Get-EtcdCluster secondary\n{command}\n";

    private static bool Begun(string text, FaultCase fault) =>
        JsonNode
            .Parse(text)
            .Items("steps")
            .Any(step => step.Text("name") == fault.Step && step.Text("node") is var on && (on is null || on == fault.Node));

    private static async Task StrikeAsync(FaultCase fault, LabNode node, RestoreChild child, CancellationToken cancellationToken)
    {
        switch (fault.Kind)
        {
            case FaultKind.Cut:
                await node.CutNetworkAsync(cancellationToken);
                break;
            case FaultKind.Power:
                await node.PowerOffAsync(cancellationToken);
                break;
            case FaultKind.Command:
                await node.RunAsync(": > /run/lab-fault/word; chmod 666 /run/lab-fault/word", cancellationToken);
                break;
            case FaultKind.Disk:
                await node.FillDiskAsync("/var/lib", 0, cancellationToken);
                break;
            case FaultKind.KillRerun or FaultKind.KillUndo:
                child.Kill();
                break;
            case FaultKind.Interrupt:
                child.Interrupt();
                break;
            default:
                throw new LabException($"{fault.Kind} is no fault.");
        }
    }

    private async Task HealAsync(FaultCase fault, CancellationToken cancellationToken)
    {
        var node = _lab.Secondary[fault.Node];
        if (node.Init is null)
        {
            await node.PowerOnAsync(cancellationToken);
        }

        await node.MendNetworkAsync(cancellationToken);
        await node.FreeDiskAsync(cancellationToken);
        await node.RunAsync("mkdir -p /run/lab-fault && chmod 0777 /run/lab-fault; rm -f /run/lab-fault/word", cancellationToken);
    }

    /// <summary>The one documented command that the case needs; null where it has ended by itself.</summary>
    private async Task<string?> CommandAsync(FaultCase fault, int exit, CancellationToken cancellationToken)
    {
        var states = await ClusterVerdict.JournalStatesAsync(_lab.Secondary, cancellationToken);
        if (fault.IsQuiet && fault.Kind != FaultKind.KillUndo && states.Any(s => s is "Converging" or "Quiesced"))
        {
            return "complete";
        }

        // A quiet restore that is run again ends quiet, which is not yet its end.
        if (fault is { Kind: FaultKind.KillRerun, IsQuiet: false })
        {
            return "rerun";
        }

        var owed = states.Any(Owed) || (exit != 0 && states.Contains("Incomplete"));
        return owed ? "undo" : null;
    }

    private async Task<string> EndAsync(string command, CancellationToken cancellationToken)
    {
        await WaitForLocksAsync(cancellationToken);
        var cmdlet = command == "complete" ? "Complete-EtcdRestore" : "Undo-EtcdRestore";
        var script =
            command == "rerun"
                ? RestoreScript
                : Script(
                    $"$cluster | {cmdlet} -LogPath {_work} -Confirm:$false -ConvergeTimeoutSeconds 3 -StepTimeoutSeconds 60 | Out-Null"
                );
        using var child = RestoreChild.Start(_work, _profile, script);
        var exit = await child.WaitAsync(CommandLimit, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_work, "last-command.out"), child.Output, cancellationToken);
        return $"{command}: exit {exit}{Reason(child.Output)}";
    }

    /// <summary>The lock of a bastion that died ends by itself; -BreakLock would be a second decision.</summary>
    private async Task WaitForLocksAsync(CancellationToken cancellationToken)
    {
        for (
            var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(60);
            DateTime.UtcNow < deadline;
            await Task.Delay(500, cancellationToken)
        )
        {
            var held = false;
            foreach (var node in _lab.Secondary.ControlPlane)
            {
                held |=
                    (
                        await node.TryAsync("[ ! -e /run/etcddr/lock ] || flock -x -n /run/etcddr/lock true", null, cancellationToken)
                    ).ExitCode != 0;
            }

            if (!held)
            {
                return;
            }
        }

        throw new LabException("The lock of a restore that is dead was still held after 60 s.");
    }

    // The cases are about the state that a cluster ends in; the minutes that a real kubelet would wait before it starts a crashed etcd
    // again (10 s to 5 min) show nothing more.
    private static async Task ShortenBackOffAsync(LabNode node, CancellationToken cancellationToken)
    {
        const string Settings = "/etc/lab/node.json";
        var settings = JsonNode.Parse(await node.RunAsync($"cat {Settings}", cancellationToken))!.AsObject();
        var speeds = settings["speeds"] as JsonObject ?? [];
        speeds["crashBackOffSeconds"] = 2;
        speeds["crashBackOffMaxSeconds"] = 10;
        settings["speeds"] = speeds;
        await node.RunAsync($"cat > {Settings} <<'END'\n{settings.ToJsonString()}\nEND\nsystemctl restart kubelet", cancellationToken);
    }

    /// <summary>Turns the primary off: once its snapshot is taken nothing needs it.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task TurnPrimaryOffAsync(CancellationToken cancellationToken)
    {
        foreach (var node in _lab.Primary.Nodes.Where(n => n.Init is not null))
        {
            await node.PowerOffAsync(cancellationToken);
        }
    }

    /// <summary>Takes away what the case before left on purpose: previous data, stages, journals and logs.</summary>
    private async Task ClearAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(
            _lab.Secondary.ControlPlane.Select(node =>
                node.RunAsync("rm -rf /etc/kubernetes/etcddr /var/lib/etcd.etcddr", cancellationToken)
            )
        );

        foreach (var attempt in Directory.GetDirectories(_snapshot, "restore_attempted_*"))
        {
            Directory.Delete(attempt, recursive: true);
        }
    }

    /// <summary>Runs commands on <c>$cluster</c>, the secondary, in a process of their own; gives its exit code and what it
    /// printed.</summary>
    /// <param name="commands">PowerShell.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(int Exit, string Output)> CommandsAsync(string commands, CancellationToken cancellationToken = default)
    {
        using var child = RestoreChild.Start(_work, _profile, Script(commands));
        return (await child.WaitAsync(CommandLimit, cancellationToken), child.Output);
    }

    /// <summary>Runs a script on a node of the cluster that is restored into.</summary>
    public Task<string> OnNodeAsync(string node, string script, CancellationToken cancellationToken = default) =>
        _lab.Secondary[node].RunAsync(script, cancellationToken);

    /// <summary>Holds a restore still (SIGSTOP) when it has the lock and while something else is done; then lets it go on.</summary>
    /// <returns>The restore's exit code and what it printed.</returns>
    public async Task<(int Exit, string Output)> WhileRestoringAsync(Func<Task> other, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(other);
        await ClearAsync(cancellationToken);
        using var child = RestoreChild.Start(_work, _profile, RestoreScript);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var trigger = FileTrigger.WaitForAsync(
            _snapshot,
            "journal.json",
            text => text.Contains("keep-configuration", StringComparison.Ordinal),
            watching.Token
        );
        var end = child.WaitAsync(CommandLimit, cancellationToken);
        if (await Task.WhenAny(trigger, end) == end)
        {
            await watching.CancelAsync();
            throw new LabException($"The restore ended before it was to be held: {child.Output}");
        }

        child.Pause();
        try
        {
            await other();
        }
        finally
        {
            child.Continue();
        }

        return (await end, child.Output);
    }

    /// <summary>One line about a case.</summary>
    public static string Describe(FaultOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(outcome.Whole ? "whole" : "BROKEN"), -6} {outcome.Case.Beginning, -19} {outcome.Case.Step, -18} "
                + $"{outcome.Case.Kind, -10} {outcome.Case.Node, -4} {outcome.Duration.TotalSeconds, 4:0} s  {outcome.State}  "
                + $"[{outcome.Ended}]"
        );
    }
}
