namespace EtcdDr.Lab.Packages;

/// <summary><c>etcd</c>: gets an etcd of Debian and says where it is.</summary>
internal static class EtcdCommand
{
    public static LabCommand Command { get; } =
        new("etcd", "3.4|3.5", "downloads that etcd of Debian and prints the directory that holds it", RunAsync);

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var version = args.FirstOrDefault() ?? "3.5";
        Console.WriteLine(await EtcdPackages.GetAsync(version, Console.Error.WriteLine, cancellationToken));
        return 0;
    }
}
