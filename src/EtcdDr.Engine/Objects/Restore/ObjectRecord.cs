using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Kube.Inventory;
using EtcdDr.Engine.Objects.Cleaning;
using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Objects.Restore;

/// <summary>
/// The way back: a file of one line each for what stood in a cluster before something was put over it, on disk before the first request of
/// a turn, and for what was written. It holds whole objects, secrets too, so nobody but its owner reads it.
/// </summary>
internal sealed class ObjectRecord : IAsyncDisposable
{
    private const int Format = 1;
    private const string Prefix = "object_restore_";

    private readonly FileStream _file;
    private readonly SemaphoreSlim _turn = new(1);

    private ObjectRecord(string path, FileStream file) => (Path, _file) = (path, file);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes a record.</summary>
    /// <param name="directory">Where; made if it is not there.</param>
    /// <param name="cluster">The cluster that is written to.</param>
    /// <param name="server">Its API.</param>
    /// <param name="now">The time.</param>
    public static async Task<ObjectRecord> CreateAsync(string directory, string cluster, string server, DateTimeOffset now)
    {
        MakeDirectory(directory);
        var time = now.UtcDateTime.ToString("yyyy-MM-dd_HH-mm-ss", CultureInfo.InvariantCulture);
        var path = System.IO.Path.Combine(directory, $"{Prefix}{time}_{Guid.NewGuid().ToString("N")[..8]}.jsonl");
        try
        {
            var record = new ObjectRecord(path, PosixFiles.OpenWrite(path, FileMode.CreateNew));
            await record.WriteAsync(
                new JsonObject
                {
                    ["format"] = Format,
                    ["cluster"] = cluster,
                    ["server"] = server,
                    ["started"] = now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                }
            );
            return record;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ObjectErrors.RecordUnwritable(path, e);
        }
    }

    /// <summary>The records of a directory, the newest first.</summary>
    public static IReadOnlyList<string> In(string directory) =>
        Directory.Exists(directory) ? [.. Directory.GetFiles(directory, Prefix + "*.jsonl").OrderDescending(StringComparer.Ordinal)] : [];

    /// <summary>Writes what stands where objects of a turn will be put, and has it on disk before it returns.</summary>
    public async Task WriteBeforeAsync(int turn, IEnumerable<(KubeObject Item, JsonObject? Before)> objects)
    {
        foreach (var (item, before) in objects)
        {
            await WriteAsync(
                new JsonObject
                {
                    ["turn"] = turn,
                    ["phase"] = "before",
                    ["item"] = Reference(item),
                    ["object"] = before?.DeepClone(),
                }
            );
        }

        await SyncAsync();
    }

    /// <summary>Writes what has been written.</summary>
    public Task WriteAfterAsync(int turn, KubeObject item, JsonObject answer) =>
        WriteAsync(
            new JsonObject
            {
                ["turn"] = turn,
                ["phase"] = "after",
                ["item"] = Reference(item),
                ["uid"] = answer.TextAt("metadata", "uid"),
                ["sha256"] = Digest(answer, item.Source),
            }
        );

    /// <summary>The digest of an object without what clusters set, by which it is known whether anybody has changed it.</summary>
    public static string Digest(JsonObject body, string source) =>
        ObjectDigest.Compute(ObjectCleaner.Clean(new KubeObject(body, source), new CleaningOptions()).Item.Body);

    /// <summary>Reads the head of a record: the cluster's name.</summary>
    /// <exception cref="EtcdDrException"><c>ObjectRecordInvalid</c>.</exception>
    public static async Task<string> ClusterOfAsync(string path, CancellationToken cancellationToken)
    {
        using var reader = Open(path);
        var head = Parse(await reader.ReadLineAsync(cancellationToken) ?? string.Empty, path, 1);
        return head["format"]?.ToString() == "1" && head.TextAt("cluster") is { } cluster
            ? cluster
            : throw ObjectErrors.RecordInvalid(path, 1);
    }

    /// <summary>Reads a record: each object once, with what stood there first.</summary>
    /// <exception cref="EtcdDrException"><c>ObjectRecordInvalid</c>.</exception>
    public static async Task<IReadOnlyList<RecordedObject>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        _ = await ClusterOfAsync(path, cancellationToken);
        using var reader = Open(path);
        await reader.ReadLineAsync(cancellationToken);
        var found = new Dictionary<ObjectKey, RecordedObject>();
        var next = await reader.ReadLineAsync(cancellationToken);
        for (var number = 2; next is { } text; number++)
        {
            next = await reader.ReadLineAsync(cancellationToken);
            if (next is null && !text.EndsWith('}'))
            {
                // Whoever wrote the last line was killed at it.
                break;
            }

            var line = Parse(text, path, number);
            if (line["item"] is not JsonObject reference || line["turn"] is not JsonValue turn)
            {
                throw ObjectErrors.RecordInvalid(path, number);
            }

            var item = new KubeObject((JsonObject)reference.DeepClone(), path);
            if (line.TextAt("phase") == "before")
            {
                found.TryAdd(
                    item.Key,
                    new RecordedObject(turn.GetValue<int>(), item, line["object"]?.DeepClone() as JsonObject, null, null)
                );
            }
            else if (found.TryGetValue(item.Key, out var known))
            {
                found[item.Key] = known with { Uid = line.TextAt("uid"), Sha256 = line.TextAt("sha256") };
            }
        }

        return [.. found.Values];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await SyncAsync();
        await _file.DisposeAsync();
        _turn.Dispose();
    }

    private static JsonObject Reference(KubeObject item) =>
        new()
        {
            ["apiVersion"] = item.ApiVersion,
            ["kind"] = item.Kind,
            ["metadata"] = new JsonObject { ["name"] = item.Name, ["namespace"] = item.Namespace },
        };

    private static void MakeDirectory(string directory)
    {
        try
        {
            if (Directory.Exists(directory))
            {
                return;
            }

            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(directory)!);
            PosixFiles.TryCreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ObjectErrors.RecordUnwritable(directory, e);
        }
    }

    private static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ObjectErrors.RecordUnreadable(path, e);
        }
    }

    private static JsonObject Parse(string text, string path, int line)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw ObjectErrors.RecordInvalid(path, line);
        }
        catch (JsonException)
        {
            throw ObjectErrors.RecordInvalid(path, line);
        }
    }

    // A line that cannot be kept ends the work: what is written afterwards could not be taken back. So it is not stopped half-way.
    private async Task WriteAsync(JsonObject line)
    {
        var bytes = Encoding.UTF8.GetBytes(line.ToJsonString() + "\n");
        await _turn.WaitAsync();
        try
        {
            await _file.WriteAsync(bytes);
        }
        catch (IOException e)
        {
            throw ObjectErrors.RecordUnwritable(Path, e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task SyncAsync()
    {
        await _turn.WaitAsync();
        try
        {
            _file.Flush(flushToDisk: true);
        }
        finally
        {
            _turn.Release();
        }
    }
}
