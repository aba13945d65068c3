using System.Globalization;
using EtcdDr.Bench.Measuring;
using EtcdDr.Lab;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Bench.Scenarios;

/// <summary>Reading what a cluster holds through its API, digests and tables made, beside <c>kubectl get</c> of the same as JSON.</summary>
internal sealed class InventoryScenario : Scenario
{
    private const int Pods = 10_000;
    private const int Others = 20_000;

    private Lab.Lab _lab = null!;
    private string _work = null!;

    /// <inheritdoc/>
    public override string Name => "inventory";

    /// <inheritdoc/>
    public override string Ours => "the inventory of 10,000 pods and 20,000 other objects";

    /// <inheritdoc/>
    public override string Reference => "kubectl get of them as JSON";

    /// <inheritdoc/>
    public override double Target => 1.0;

    /// <inheritdoc/>
    public override async Task PrepareAsync(LabHouse labs, BenchSettings settings, CancellationToken cancellationToken)
    {
        _lab = await labs.GetAsync(
            new LabOptions
            {
                ControlPlanes = 1,
                Workers = 0,
                Secondary = false,
            },
            cancellationToken
        );
        _work = Directory.CreateDirectory(Path.Combine(settings.WorkDirectory, "inventory")).FullName;

        // The played controllers would clear away pods of nodes that are not there.
        var node = _lab.Primary.ControlPlane.First();
        await node.RunAsync(
            "cd /etc/kubernetes/manifests && for part in kube-controller-manager kube-scheduler; do [ ! -f $part.yaml ] || mv "
                + "$part.yaml ..; done",
            cancellationToken
        );
        await InventoryObjects.WriteAsync(node, settings.Count(Pods), settings.Count(Others), cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Measurement> RunOursAsync(CancellationToken cancellationToken)
    {
        var result = await Tool.TryAsync(
            BenchProgram.Dotnet,
            [BenchProgram.Assembly, "capture", _lab.ProfilePath, _work],
            timeout: TimeSpan.FromMinutes(10),
            cancellationToken: cancellationToken
        );
        return result.ExitCode == 0
            ? System.Text.Json.JsonSerializer.Deserialize<Measurement>(result.Output)!
            : throw new LabException($"The inventory could not be read: {result.Error.Trim()}");
    }

    /// <inheritdoc/>
    public override Task<Measurement> RunReferenceAsync(CancellationToken cancellationToken)
    {
        var server = string.Create(CultureInfo.InvariantCulture, $"https://{_lab.Primary.EndpointAddress}:{_lab.Primary.EndpointPort}");
        return OpenSsh.TimeAsync(
            "/bin/sh",
            [
                "-c",
                """exec kubectl --kubeconfig "$1" --server "$2" --tls-server-name "$3" get "$4" -A -o json > "$5" """,
                "sh",
                _lab.Primary.Kubeconfig,
                server,
                _lab.Primary.EndpointHost,
                InventoryObjects.Kinds,
                Path.Combine(_work, "kubectl.json"),
            ],
            cancellationToken
        );
    }
}
