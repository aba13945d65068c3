namespace EtcdDr.Bench;

/// <summary>The command line of measurements and fuzzing. Each subcommand is a <see cref="BenchCommand"/> in the list below and a class of
/// its own.</summary>
public static class Program
{
    private static readonly BenchCommand[] Commands =
    [
        new("help", "", "lists the subcommands", HelpAsync),
        Fuzzing.FuzzCommand.Command,
        Reading.ReaderCommand.Command,
        Reading.KeysCommand.Command,
        Scenarios.CaptureCommand.Command,
        Scenarios.MemoryCommand.Command,
        .. Measuring.ScenarioCommand.Commands,
    ];

    public static async Task<int> Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);

        // The one that the Release build compiled ahead of time, as PowerShell's own packages are.
        var compiled = Path.Combine(AppContext.BaseDirectory, "pwsh", "pwsh.dll");
        if (File.Exists(compiled) && Environment.GetEnvironmentVariable("ETCDDR_PWSH") is null)
        {
            Environment.SetEnvironmentVariable("ETCDDR_PWSH", compiled);
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        var name = args.Length == 0 ? "help" : args[0];
        var command = Commands.FirstOrDefault(c => c.Name == name);
        if (command is null)
        {
            await Console.Error.WriteLineAsync(
                $"There is no subcommand '{name}'. Subcommands: {string.Join(", ", Commands.Select(c => c.Name))}."
            );
            return 2;
        }

        return await command.RunAsync(args.Skip(1).ToArray(), stop.Token);
    }

    private static Task<int> HelpAsync(string[] args, CancellationToken cancellationToken)
    {
        foreach (var command in Commands)
        {
            Console.WriteLine($"  {command.Name} {command.Usage}".TrimEnd());
            Console.WriteLine($"      {command.Summary}");
        }

        return Task.FromResult(0);
    }
}
