using EtcdDr.Engine.Operations;

namespace EtcdDr.Bench;

/// <summary>Shows nobody anything but warnings.</summary>
internal sealed class SilentSink : IOperationSink
{
    public void Verbose(string message) { }

    public void Information(string message) { }

    public void Warning(string message) => Console.Error.WriteLine(message);

    public void Error(EtcdDrException error) => throw error;

    public void Progress(ProgressUpdate update) { }
}
