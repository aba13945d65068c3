namespace EtcdDr.Lab.Commands;

/// <summary><c>down</c>: removes what <c>up</c>, or a crash of anything here, left.</summary>
internal static class DownCommand
{
    public static LabCommand Command { get; } = new("down", "[--name NAME | --all]", "removes the clusters, also after a crash", RunAsync);

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(args, "--name", "--all!");
        string[] names = arguments.Has("--all") ? [.. Lab.Names()] : [arguments.Text("--name", UpCommand.DefaultName)];
        foreach (var name in names)
        {
            await Lab.DownAsync(name, cancellationToken);
            Console.WriteLine($"Lab {name} is removed.");
        }

        return 0;
    }
}
