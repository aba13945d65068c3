using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary><c>apiserver</c>: kube-apiserver's flags, as its manifest has them.</summary>
internal static class ApiServerCommand
{
    public static LabCommand Command { get; } =
        new("apiserver", "--etcd-servers=... [flags of kube-apiserver]", "plays kube-apiserver (used by the lab itself)", RunAsync);

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        ComponentProcess.Become("kube-apiserver");
        var node = File.Exists("/etc/lab/node.json")
            ? JsonNode.Parse(await File.ReadAllTextAsync("/etc/lab/node.json", cancellationToken))
            : null;
        var drain = TimeSpan.FromSeconds(node.Number("speeds", "apiServerDrainSeconds") ?? 30);
        try
        {
            using var host = new ApiServerHost(new ApiServerFlags(args), node.Text("kubernetesVersion") ?? "v1.36.0", drain);
            return await host.RunAsync(cancellationToken) ? 0 : 1;
        }
        catch (Exception exception)
            when (exception is InvalidDataException or IOException or System.Security.Cryptography.CryptographicException or FormatException
            )
        {
            // What the real one says and does with a bad flag or file: a line, and exit code 1.
            ComponentProcess.Log(exception.Message);
            return 1;
        }
    }
}
