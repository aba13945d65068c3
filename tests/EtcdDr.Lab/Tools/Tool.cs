using System.ComponentModel;
using System.Diagnostics;

namespace EtcdDr.Lab.Tools;

/// <summary>Runs programs of this machine (ip, mount, apt-get, ...).</summary>
public static class Tool
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Runs a program and gives its standard output; a non-zero exit status is an error that quotes its standard error.</summary>
    /// <exception cref="LabException">It is missing, failed, or took too long.</exception>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await TryAsync(program, arguments, cancellationToken: cancellationToken);
        if (result.ExitCode != 0)
        {
            var said = result.Error.Trim() is { Length: > 0 } error ? error : result.Output.Trim();
            throw new LabException($"{program} {string.Join(' ', arguments)} ended with status {result.ExitCode}: {said}");
        }

        return result.Output;
    }

    /// <summary>Runs a shell script with <c>set -eu</c>; what varies is passed as <c>$1</c>, <c>$2</c>.</summary>
    /// <exception cref="LabException">It failed or took too long.</exception>
    public static Task<string> ShellAsync(string script, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync("/bin/sh", ["-euc", script, "sh", .. arguments], cancellationToken);

    /// <summary>Runs a program and gives what it answered, whatever its exit status.</summary>
    /// <exception cref="LabException">It is missing or took too long.</exception>
    public static async Task<ToolResult> TryAsync(
        string program,
        IEnumerable<string> arguments,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    )
    {
        var limit = timeout ?? DefaultTimeout;
        using var process = Start(program, arguments, environment);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.StandardInput.WriteAsync((input ?? string.Empty).AsMemory(), deadline.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token);
            return new ToolResult(process.ExitCode, await output.WaitAsync(deadline.Token), await error.WaitAsync(deadline.Token));
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            cancellationToken.ThrowIfCancellationRequested();
            throw new LabException($"{program} {string.Join(' ', arguments)} did not end within {limit.TotalSeconds:0} s and was killed.");
        }
        catch (IOException) when (process.HasExited)
        {
            // It ended without reading its input; its exit status says the rest.
            return new ToolResult(process.ExitCode, await output, await error);
        }
    }

    /// <summary>Starts a program with its standard streams redirected.</summary>
    /// <exception cref="LabException">It is missing.</exception>
    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new LabException($"{program} cannot be run on this machine: {missing.Message}", missing);
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended between the timeout and the kill.
        }
    }
}
