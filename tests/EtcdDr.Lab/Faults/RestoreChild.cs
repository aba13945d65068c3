using System.Diagnostics;
using System.Text;
using EtcdDr.Lab.PowerShell;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Faults;

/// <summary>A bastion's process that runs a script with the module; it can be killed as a machine's death would.</summary>
internal sealed class RestoreChild : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private RestoreChild(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
    }

    /// <summary>What it printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Whether it has ended.</summary>
    public bool Ended => _process.HasExited;

    /// <summary>Starts a script.</summary>
    /// <param name="directory">Where the script is written and runs.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="script">Its text.</param>
    public static RestoreChild Start(string directory, string profile, string script)
    {
        var file = Path.Combine(directory, $"run-{Guid.NewGuid().ToString("n")[..8]}.ps1");
        File.WriteAllText(file, script);
        var before = $"Import-Module '{StagedModule.Find()}'; $ProgressPreference = 'SilentlyContinue'";
        var environment = new Dictionary<string, string>(Pwsh.Settings) { ["ETCDDR_PROFILE"] = profile, ["NO_COLOR"] = "1" };

        // Whoever starts tests in the background may have SIGINT ignored, and children inherit that; at a terminal it is not.
        return new RestoreChild(
            Tool.Start(
                "env",
                ["--default-signal=INT", .. Pwsh.CommandLine(["-NonInteractive", .. Pwsh.RunScript(file, before)])],
                environment
            )
        );
    }

    /// <summary>Waits for its end.</summary>
    /// <exception cref="LabException">It takes longer than the limit; it was killed.</exception>
    public async Task<int> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            Kill();
            cancellationToken.ThrowIfCancellationRequested();
            throw new LabException($"The command did not end within {limit.TotalSeconds:0} s. It said: {Output}");
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();

        // PowerShell's own pipe for debuggers; a process that is killed cannot take it away.
        foreach (var pipe in Directory.GetFiles(Path.GetTempPath(), $"CoreFxPipe_PSHost.*.{_process.Id}.*"))
        {
            File.Delete(pipe);
        }
    }

    /// <summary>SIGINT, as Ctrl-C at its terminal.</summary>
    public void Interrupt() => _ = NativeMethods.Kill(_process.Id, 2);

    /// <summary>SIGSTOP.</summary>
    public void Pause() => _ = NativeMethods.Kill(_process.Id, 19);

    /// <summary>SIGCONT.</summary>
    public void Continue() => _ = NativeMethods.Kill(_process.Id, 18);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private void Add(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }
}
