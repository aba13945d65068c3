using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Kube.Inventory;

namespace EtcdDr.Tests.Kube.Inventory;

public sealed class InventoryLinesTests
{
    private static readonly KubeResource ConfigMaps = new("", "v1", "configmaps", "ConfigMap");

    [Fact]
    public async Task Lines_that_had_to_wait_are_written_as_they_came()
    {
        var records = Enumerable.Range(0, 3000).Select(Record).ToList();
        var lines = new InventoryLines(ConfigMaps);
        records.ForEach(record => lines.Add(record, new JsonObject()));
        var written = new MemoryStream();

        await lines.MoveToAsync(written, CancellationToken.None);

        Assert.Equal(
            records,
            Encoding
                .UTF8.GetString(written.ToArray())
                .TrimEnd('\n')
                .Split('\n')
                .Select(line => JsonSerializer.Deserialize<InventoryRecord>(line))
        );
        Assert.Equal(records.Count, lines.Count);
        Assert.Equal(0, lines.Length);
    }

    [Fact]
    public async Task Lines_that_wait_take_less_than_half_of_their_bytes()
    {
        var lines = new InventoryLines(ConfigMaps);
        Enumerable.Range(0, 3000).ToList().ForEach(i => lines.Add(Record(i), new JsonObject()));
        var held = lines.Length;
        var written = new MemoryStream();

        await lines.MoveToAsync(written, CancellationToken.None);

        Assert.InRange(held, 1, written.Length / 2);
    }

    [Fact]
    public async Task Lines_that_were_written_are_not_written_again()
    {
        var lines = new InventoryLines(ConfigMaps);
        Enumerable.Range(0, 3000).ToList().ForEach(i => lines.Add(Record(i), new JsonObject()));
        await lines.MoveToAsync(Stream.Null, CancellationToken.None);
        lines.Add(Record(3000), new JsonObject());
        var written = new MemoryStream();

        await lines.MoveToAsync(written, CancellationToken.None);

        Assert.Equal(Record(3000), JsonSerializer.Deserialize<InventoryRecord>(written.ToArray()));
    }

    private static InventoryRecord Record(int number) =>
        new()
        {
            Group = "",
            Version = "v1",
            Kind = "ConfigMap",
            Namespace = $"team-{number % 40}",
            Name = $"settings-{number}",
            Sha256 = Convert.ToHexString(SHA256.HashData(BitConverter.GetBytes(number))).ToLowerInvariant(),
        };
}
