namespace EtcdDr.Lab;

/// <summary><c>help</c>: lists the subcommands.</summary>
internal static class HelpCommand
{
    public static LabCommand Command { get; } = new("help", "", "lists the subcommands", RunAsync);

    private static Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        foreach (var command in Program.All)
        {
            Console.WriteLine($"  {command.Name} {command.Usage}".TrimEnd());
            Console.WriteLine($"      {command.Summary}");
        }

        return Task.FromResult(0);
    }
}
