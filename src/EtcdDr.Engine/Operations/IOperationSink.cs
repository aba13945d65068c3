namespace EtcdDr.Engine.Operations;

/// <summary>Where an operation tells what it does. Methods may be called from any thread and return at once.</summary>
public interface IOperationSink
{
    /// <summary>Detail for <c>-Verbose</c> and log files.</summary>
    void Verbose(string message);

    /// <summary>News that an operator wants to see.</summary>
    void Information(string message);

    /// <summary>Something that needs attention and does not stop the operation.</summary>
    void Warning(string message);

    /// <summary>A failure of one part (a node, a destination) while others go on.</summary>
    void Error(EtcdDrException error);

    /// <summary>How far the operation is.</summary>
    void Progress(ProgressUpdate update);
}
