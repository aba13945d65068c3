using System.Diagnostics;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>Keeps the last lines that a process writes, for messages.</summary>
internal sealed class ProcessOutput
{
    private const int MaximumLines = 5;
    private const int MaximumLine = 500;
    private readonly Queue<string> _lines = new();

    internal ProcessOutput(Process process)
    {
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
    }

    /// <summary>The last lines.</summary>
    internal string Last
    {
        get
        {
            lock (_lines)
            {
                return _lines.Count == 0 ? Errors.DrillServerFailed_NoOutput_Part : string.Join(" | ", _lines);
            }
        }
    }

    private void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line.Length > MaximumLine ? line[..MaximumLine] : line);
            while (_lines.Count > MaximumLines)
            {
                _lines.Dequeue();
            }
        }
    }
}
