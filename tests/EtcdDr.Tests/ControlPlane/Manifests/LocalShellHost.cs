using System.Diagnostics;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Tests.ControlPlane.Manifests;

/// <summary>Runs the scripts of remote commands in this machine's sh, as the current user.</summary>
internal sealed class LocalShellHost : IRemoteHost
{
    public string Name => "m1";

    public string Address => "127.0.0.1";

    public async Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken cancellationToken, ReadOnlyMemory<byte> standardInput = default)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (IEnumerable<string>)["-c", command.Script, "sh", .. command.Arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        using var output = new MemoryStream();
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0 || command.AcceptedStatuses.Contains(process.ExitCode), await error);
        return new CommandResult(process.ExitCode, output.ToArray(), await error);
    }

    public Task<CommandResult> ReadAsync(RemoteCommand command, Stream destination, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<CommandResult> WriteAsync(RemoteCommand command, Stream source, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IForwardedPort> ForwardAsync(string remoteAddress, int remotePort, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IRemoteFiles> OpenFilesAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
