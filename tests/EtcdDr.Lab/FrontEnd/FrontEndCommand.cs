using System.Text.Json;

namespace EtcdDr.Lab.FrontEnd;

/// <summary><c>frontend</c>: the load balancers of a lab's clusters, in a process that outlives <c>up</c>.</summary>
internal static class FrontEndCommand
{
    public static LabCommand Command { get; } =
        new("frontend", "SETTINGS.json", "(internal) the load balancers of a lab's clusters", RunAsync);

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var settings = JsonSerializer.Deserialize<FrontEndSettings[]>(await File.ReadAllTextAsync(args[0], cancellationToken))!;
        await Task.WhenAll(settings.Select(one => new Balancer(one).RunAsync(cancellationToken)));
        return 0;
    }
}
