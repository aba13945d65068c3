using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Text;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.PowerShell;

/// <summary>
/// A pwsh whose statements come from here. Its standard streams are this process's, so that what it shows (tables as wide as the terminal,
/// progress, questions) is what a user sees; statements and answers go through two pipes of their own (<c>session.ps1</c>).
/// </summary>
public sealed class PwshSession : IAsyncDisposable
{
    private const int Interrupt = 2;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StreamWriter _requests;
    private readonly StreamReader _answers;

    private PwshSession(Process process, AnonymousPipeServerStream requests, AnonymousPipeServerStream answers)
    {
        _process = process;
        _requests = new StreamWriter(requests);
        _answers = new StreamReader(answers);
    }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts one.</summary>
    /// <param name="directory">Where it stands; null for where this process does.</param>
    /// <param name="environment">Variables beside this process's own.</param>
    /// <param name="quiet">What it shows goes nowhere.</param>
    public static PwshSession Start(string? directory = null, IReadOnlyDictionary<string, string>? environment = null, bool quiet = false)
    {
        var requests = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        var answers = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var script = Path.Combine(AppContext.BaseDirectory, "session.ps1");
        var start = Pwsh.StartInfo(["-File", script, requests.GetClientHandleAsString(), answers.GetClientHandleAsString()], environment);
        start.WorkingDirectory = directory ?? Environment.CurrentDirectory;
        start.RedirectStandardOutput = quiet;
        start.RedirectStandardError = quiet;
        var process = Process.Start(start) ?? throw new LabException("PowerShell did not start.");
        requests.DisposeLocalCopyOfClientHandle();
        answers.DisposeLocalCopyOfClientHandle();
        if (quiet)
        {
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        return new PwshSession(process, requests, answers);
    }

    /// <summary>Shows a statement behind a prompt, runs it and shows what comes of it.</summary>
    /// <exception cref="LabException">The session ended.</exception>
    public Task<PwshAnswer> TypeAsync(string statement, CancellationToken cancellationToken) =>
        SendAsync('T', statement, cancellationToken);

    /// <summary>Runs a statement and gives its objects as text; shows nothing of them.</summary>
    /// <exception cref="LabException">The session ended.</exception>
    public Task<PwshAnswer> AskAsync(string statement, CancellationToken cancellationToken) => SendAsync('A', statement, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _requests.DisposeAsync();
        }
        catch (IOException)
        {
            // It has ended already.
        }

        using var limit = new CancellationTokenSource(EndLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _answers.Dispose();
        _process.Dispose();
    }

    private async Task<PwshAnswer> SendAsync(char kind, string statement, CancellationToken cancellationToken)
    {
        // Ctrl-C, where no terminal has sent it to both: the statement cleans up and the session ends.
        await using var registration = cancellationToken.Register(() => _ = NativeMethods.Kill(_process.Id, Interrupt));
        string? line;
        try
        {
            await _requests.WriteLineAsync($"{kind}{Convert.ToBase64String(Encoding.UTF8.GetBytes(statement))}");
            await _requests.FlushAsync(CancellationToken.None);
            line = await _answers.ReadLineAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            line = null;
        }

        cancellationToken.ThrowIfCancellationRequested();
        return line is null ? throw new LabException($"PowerShell ended at '{statement}'.") : Parse(line.Split(' '));
    }

    private static PwshAnswer Parse(string[] fields) =>
        new(
            double.Parse(fields[0], CultureInfo.InvariantCulture),
            [.. fields[2..].Select(f => Text(f[1..]))],
            fields[1] == "." ? null : Text(fields[1])
        );

    private static string Text(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));
}
