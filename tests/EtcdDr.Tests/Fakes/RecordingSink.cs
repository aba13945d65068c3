using System.Collections.Concurrent;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Tests.Fakes;

/// <summary>Keeps all that an operation told.</summary>
internal sealed class RecordingSink : IOperationSink
{
    public ConcurrentQueue<string> VerboseMessages { get; } = new();

    public ConcurrentQueue<string> InformationMessages { get; } = new();

    public ConcurrentQueue<string> Warnings { get; } = new();

    public ConcurrentQueue<EtcdDrException> Errors { get; } = new();

    public ConcurrentQueue<ProgressUpdate> Updates { get; } = new();

    public void Verbose(string message) => VerboseMessages.Enqueue(message);

    public void Information(string message) => InformationMessages.Enqueue(message);

    public void Warning(string message) => Warnings.Enqueue(message);

    public void Error(EtcdDrException error) => Errors.Enqueue(error);

    public void Progress(ProgressUpdate update) => Updates.Enqueue(update);
}
