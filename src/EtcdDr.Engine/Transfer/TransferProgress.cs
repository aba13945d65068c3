using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Engine.Transfer;

/// <summary>Adds up how far the files of one copy are and tells it.</summary>
internal sealed class TransferProgress(IOperationSink sink, string activity, string destination, long total) : IUploadProgress
{
    private long _done;

    /// <summary>Counts bytes; negative where they have to be sent again.</summary>
    public void Add(long bytes) => Show("Copying", Interlocked.Add(ref _done, bytes), completed: false);

    /// <summary>Shows another step.</summary>
    public void Step(string step) => Show(step, Interlocked.Read(ref _done), completed: false);

    /// <summary>Says that the copy ended.</summary>
    public void Complete() => Show("Done", Interlocked.Read(ref _done), completed: true);

    private void Show(string step, long done, bool completed) =>
        sink.Progress(
            new ProgressUpdate(activity, destination, step)
            {
                BytesDone = Math.Min(done, total),
                BytesTotal = total,
                Completed = completed,
            }
        );
}
