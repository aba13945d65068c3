using System.Runtime.InteropServices;
using EtcdDr.Lab.ApiServer;
using EtcdDr.Lab.Commands;
using EtcdDr.Lab.Controllers;
using EtcdDr.Lab.Drill;
using EtcdDr.Lab.Faults;
using EtcdDr.Lab.FrontEnd;
using EtcdDr.Lab.Kubelet;
using EtcdDr.Lab.Packages;
using EtcdDr.Lab.PowerShell;
using EtcdDr.Lab.Seed;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab;

/// <summary>The lab's command line. Each subcommand is a <see cref="LabCommand"/> in the list below and a class of its own.</summary>
public static class Program
{
    private static readonly LabCommand[] Commands =
    [
        HelpCommand.Command,
        UpCommand.Command,
        DownCommand.Command,
        DrillCommand.Command,
        FaultsCommand.Command,
        RunCommand.Command,
        EtcdCommand.Command,
        SeedCommand.Command,
        FrontEndCommand.Command,
        KubeletCommand.Command,
        ApiServerCommand.Command,
        ComponentCommand.ControllerManager,
        ComponentCommand.Scheduler,
    ];

    public static async Task<int> Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        var name = args.Length == 0 ? "help" : args[0];
        var command = Commands.FirstOrDefault(c => c.Name == name);
        if (command is null)
        {
            await Console.Error.WriteLineAsync(
                $"There is no subcommand '{name}'. Subcommands: {string.Join(", ", Commands.Select(c => c.Name))}."
            );
            return 2;
        }

        try
        {
            return await command.RunAsync(args.Skip(1).ToArray(), stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"{name} was interrupted.");
            return 130;
        }
        catch (LabException failure)
        {
            await Console.Error.WriteLineAsync($"{name}: {failure.Message}");
            return 1;
        }
    }

    /// <summary>What there is to run, for <c>help</c>.</summary>
    internal static IReadOnlyList<LabCommand> All => Commands;

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        // The subcommand cleans up and returns; the default handler would end the process at once and leave namespaces behind.
        signal.Cancel = true;
        stop.Cancel();
    }
}
