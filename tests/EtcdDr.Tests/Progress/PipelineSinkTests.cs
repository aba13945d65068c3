using System.Management.Automation;
using System.Management.Automation.Host;
using EtcdDr.Commands;
using EtcdDr.Engine.Operations;
using EtcdDr.Progress;
using EtcdDr.Tests.Commands;

namespace EtcdDr.Tests.Progress;

public sealed class PipelineSinkTests
{
    [Fact]
    public void A_pipeline_that_is_stopped_still_takes_bars_off_the_screen_that_it_showed()
    {
        var runtime = new StoppedRuntime();
        using var queue = new PipelineQueue();
        using var sink = new PipelineSink(
            queue,
            new InvokeWorkCommand { CommandRuntime = runtime },
            interactive: true,
            TimeProvider.System
        );

        sink.Progress(new ProgressUpdate("Copy", "cp1", "Uploading"));
        sink.CompleteProgress();
        queue.Complete();
        queue.Drain(CancellationToken.None);

        Assert.Equal(["cp1", "Copy"], runtime.Progress.Select(p => p.Activity));
        Assert.All(runtime.Progress, record => Assert.Equal(ProgressRecordType.Completed, record.RecordType));
    }

#nullable disable // Only the one member that the test asks for has a body; what the others say of nulls is of no use here.
    /// <summary>As PowerShell's while Ctrl-C is at work: it takes progress by source and nothing else.</summary>
    private sealed class StoppedRuntime : ICommandRuntime
    {
        public List<ProgressRecord> Progress { get; } = [];

        public PSTransactionContext CurrentPSTransaction => throw new PipelineStoppedException();

        public PSHost Host => throw new PipelineStoppedException();

        public bool ShouldContinue(string query, string caption) => throw new PipelineStoppedException();

        public bool ShouldContinue(string query, string caption, ref bool yesToAll, ref bool noToAll) =>
            throw new PipelineStoppedException();

        public bool ShouldProcess(string target) => throw new PipelineStoppedException();

        public bool ShouldProcess(string target, string action) => throw new PipelineStoppedException();

        public bool ShouldProcess(string verboseDescription, string verboseWarning, string caption) => throw new PipelineStoppedException();

        public bool ShouldProcess(
            string verboseDescription,
            string verboseWarning,
            string caption,
            out ShouldProcessReason shouldProcessReason
        ) => throw new PipelineStoppedException();

        public void ThrowTerminatingError(ErrorRecord errorRecord) => throw new PipelineStoppedException();

        public bool TransactionAvailable() => throw new PipelineStoppedException();

        public void WriteCommandDetail(string text) => throw new PipelineStoppedException();

        public void WriteDebug(string text) => throw new PipelineStoppedException();

        public void WriteError(ErrorRecord errorRecord) => throw new PipelineStoppedException();

        public void WriteObject(object sendToPipeline) => throw new PipelineStoppedException();

        public void WriteObject(object sendToPipeline, bool enumerateCollection) => throw new PipelineStoppedException();

        public void WriteProgress(ProgressRecord progressRecord) => throw new PipelineStoppedException();

        public void WriteProgress(long sourceId, ProgressRecord progressRecord) => Progress.Add(progressRecord);

        public void WriteVerbose(string text) => throw new PipelineStoppedException();

        public void WriteWarning(string text) => throw new PipelineStoppedException();
    }
}
