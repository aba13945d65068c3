using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Restore;

/// <summary>Passes everything on to the operation's own sink and writes it into the restore's log too.</summary>
internal sealed class LoggingSink(IOperationSink inner, RestoreLog log) : IOperationSink
{
    public void Verbose(string message)
    {
        log.Add("VERBOSE", message);
        inner.Verbose(message);
    }

    public void Information(string message)
    {
        log.Add("INFO", message);
        inner.Information(message);
    }

    public void Warning(string message)
    {
        log.Add("WARNING", message);
        inner.Warning(message);
    }

    public void Error(EtcdDrException error)
    {
        log.Add("ERROR", $"{error.ErrorId}: {error.Message} {error.RecommendedAction}");
        inner.Error(error);
    }

    public void Progress(ProgressUpdate update) => inner.Progress(update);
}
