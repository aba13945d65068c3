using System.Management.Automation;
using EtcdDr.Commands;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Progress;

/// <summary>Carries what an operation tells to the streams of a cmdlet, from any thread.</summary>
internal sealed class PipelineSink : IOperationSink, IDisposable
{
    /// <summary>Marks information records of this module, for those who filter the stream.</summary>
    private static readonly string[] InformationTags = ["EtcdDr"];

    /// <summary>PSHOST is PowerShell's mark of Write-Host: shown unless the user asks for Ignore. The heartbeat is of no use where it is
    /// not seen.</summary>
    private static readonly string[] HeartbeatTags = ["EtcdDr", "PSHOST"];

    // Far above the numbers that PowerShell gives to its own sources.
    private static long s_lastSource = 1L << 40;

    private readonly PipelineQueue _queue;
    private readonly Cmdlet _cmdlet;
    private readonly ProgressReporter _progress;
    private readonly Heartbeat? _heartbeat;
    private readonly long _source = Interlocked.Increment(ref s_lastSource);
    private int _beatsWaiting;

    /// <summary>Creates a sink.</summary>
    /// <param name="queue">Leads to the pipeline thread.</param>
    /// <param name="cmdlet">Whose streams are written to.</param>
    /// <param name="interactive">Whether somebody watches progress bars; otherwise a line now and then stands in for them.</param>
    /// <param name="time">The clock.</param>
    public PipelineSink(PipelineQueue queue, Cmdlet cmdlet, bool interactive, TimeProvider time)
    {
        _queue = queue;
        _cmdlet = cmdlet;
        _progress = new ProgressReporter(time, PostProgress);
        _heartbeat = interactive ? null : new Heartbeat(time, PostHeartbeat);
    }

    /// <inheritdoc/>
    public void Verbose(string message) => _queue.Post(() => _cmdlet.WriteVerbose(message));

    /// <inheritdoc/>
    public void Information(string message) => _queue.Post(() => _cmdlet.WriteInformation(message, InformationTags));

    /// <inheritdoc/>
    public void Warning(string message) => _queue.Post(() => _cmdlet.WriteWarning(message));

    /// <inheritdoc/>
    public void Error(EtcdDrException error) => _queue.Post(() => _cmdlet.WriteError(ErrorRecords.From(error)));

    /// <inheritdoc/>
    public void Progress(ProgressUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        _progress.Report(update);
        _heartbeat?.Report(update);
    }

    /// <summary>Takes progress bars off the screen that the operation left there, as it does when it fails.</summary>
    public void CompleteProgress() => _progress.CompleteAll();

    /// <inheritdoc/>
    public void Dispose() => _heartbeat?.Dispose();

    // By the command's runtime with a source of our own, because the cmdlet's own method refuses to write while the pipeline is stopped: a
    // bar that was shown would stay.
    private void PostProgress(ProgressRecord record)
    {
        void Write() => _cmdlet.CommandRuntime.WriteProgress(_source, record);
        if (record.RecordType == ProgressRecordType.Completed)
            _queue.PostAlways(Write);
        else
            _queue.Post(Write);
    }

    // While a command further down the pipeline works, this one's lines wait; they are told once then, not one for every ten seconds.
    private void PostHeartbeat(string line)
    {
        if (Interlocked.Exchange(ref _beatsWaiting, 1) == 1)
            return;

        _queue.PostAlways(() => Volatile.Write(ref _beatsWaiting, 0));
        _queue.Post(() => WriteHeartbeat(line));
    }

    private void WriteHeartbeat(string line) => _cmdlet.WriteInformation(new HostInformationMessage { Message = line }, HeartbeatTags);
}
