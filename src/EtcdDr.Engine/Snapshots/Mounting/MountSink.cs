using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>Where the connections of a mount tell what they do: the command that mounts while it runs, and nobody afterwards, when the
/// mount outlives it.</summary>
internal sealed class MountSink(IOperationSink command) : IOperationSink
{
    private volatile IOperationSink? _command = command;

    /// <summary>The command ends.</summary>
    internal void Detach() => _command = null;

    /// <inheritdoc/>
    public void Verbose(string message) => _command?.Verbose(message);

    /// <inheritdoc/>
    public void Information(string message) => _command?.Information(message);

    /// <inheritdoc/>
    public void Warning(string message) => _command?.Warning(message);

    /// <inheritdoc/>
    public void Error(EtcdDrException error) => _command?.Error(error);

    /// <inheritdoc/>
    public void Progress(ProgressUpdate update) => _command?.Progress(update);
}
