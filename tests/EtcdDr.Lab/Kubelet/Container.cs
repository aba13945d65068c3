using System.Globalization;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>A container of the played runtime: a directory that kubelet, shim and crictl share.</summary>
internal sealed class Container
{
    private readonly string directory;

    private Container(string directory, JsonObject record)
    {
        this.directory = directory;
        Record = record;
    }

    public string Id => Path.GetFileName(directory);

    public string Directory => directory;

    /// <summary>What the kubelet wrote when it made it: podUid, podName, namespace, name, attempt, hash, sandbox, image, grace.</summary>
    public JsonObject Record { get; }

    public string Name => Record.Text("name")!;

    public string PodUid => Record.Text("podUid")!;

    public string Sandbox => Record.Text("sandbox")!;

    public int Attempt => (int)Record.Number("attempt")!.Value;

    public long CreatedAt => Record.Number("createdAt")!.Value;

    public DateTimeOffset? StartedAt => Json.ParseTime(Read("started"));

    public DateTimeOffset? FinishedAt => Json.ParseTime(Read("finished"));

    /// <summary>As the shim saw it; 255 when the shim itself was killed.</summary>
    public int ExitCode => int.TryParse(Read("exit"), CultureInfo.InvariantCulture, out var code) ? code : 255;

    /// <summary>Null when its directory is unfinished or gone, or the container is removed.</summary>
    public static Container? Open(string directory)
    {
        try
        {
            if (File.Exists(Path.Combine(directory, "removed")))
                return null;
            return JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "record.json"))) is JsonObject record
                ? new Container(directory, record)
                : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public ContainerState State
    {
        get
        {
            if (File.Exists(Path.Combine(directory, "exit")))
                return ContainerState.Exited;
            if (Process() is not { } process)
                return ContainerState.Created;
            return IsAlive(process.Pid, process.Start) ? ContainerState.Running : ContainerState.Exited;
        }
    }

    /// <summary>The main process while it runs.</summary>
    public int? Pid => Process() is { } process && IsAlive(process.Pid, process.Start) ? process.Pid : null;

    /// <summary>Sends a signal to the main process, if it is still that process.</summary>
    public void Signal(int signal)
    {
        if (Pid is { } pid)
            Posix.Kill(pid, signal);
    }

    private (int Pid, string Start)? Process()
    {
        var parts = Read("pid")?.Split(' ');
        return parts is { Length: 2 } && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var pid) ? (pid, parts[1]) : null;
    }

    private string? Read(string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, name)).Trim();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whether the process is there, is the one that began then (pids come again), and is no zombie.</summary>
    private static bool IsAlive(int pid, string start)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] != "Z" && fields[19] == start;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
