using System.Globalization;
using EtcdDr.Lab.Network;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Nodes;

/// <summary>A node of a lab: namespaces with a root of their own, a real sshd, and what the seed put there. Its disk survives a power
/// cut.</summary>
public sealed class LabNode
{
    // The first boot restores etcd's database, which may be large; a boot that fails ends the wait at once.
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(5);
    private readonly NodeEnvironment _environment;

    internal LabNode(NodeSpecification specification, NodeEnvironment environment)
    {
        Specification = specification;
        _environment = environment;
    }

    /// <summary>The node's name, the same on both sites.</summary>
    public string Name => Specification.Name;

    /// <summary>The node's address.</summary>
    public string Address => Specification.Address;

    /// <summary>Whether it runs etcd and the control plane.</summary>
    public bool IsControlPlane => Specification.IsControlPlane;

    /// <summary>Directory on this machine that holds the node's disk and logs.</summary>
    public string DirectoryPath => Specification.Directory;

    /// <summary>PID 1 of the node as this machine numbers it; null when the node is off.</summary>
    public ProcessIdentity? Init
    {
        get
        {
            var file = Path.Combine(DirectoryPath, "init.pid");
            if (!File.Exists(file))
            {
                return null;
            }

            var parts = File.ReadAllText(file).Split(' ');
            var known = new ProcessIdentity(
                int.Parse(parts[0], CultureInfo.InvariantCulture),
                long.Parse(parts[1], CultureInfo.InvariantCulture)
            );
            return known.Runs ? known : null;
        }
    }

    internal NodeSpecification Specification { get; }

    /// <summary>Path on this machine of a file in the running node, through PID 1's root.</summary>
    public string PathOf(string pathInNode) => string.Create(CultureInfo.InvariantCulture, $"/proc/{Running().Id}/root{pathInNode}");

    /// <summary>Switches the node on and waits until sshd answers.</summary>
    /// <exception cref="LabException">It is on already, or did not come up.</exception>
    public async Task PowerOnAsync(CancellationToken cancellationToken = default)
    {
        if (Init is not null)
        {
            throw new LabException($"{Name} is on already.");
        }

        await MakeFifoAsync(cancellationToken);
        var init = await StartAsync(cancellationToken);
        await ConnectNetworkAsync(init, cancellationToken);
        // Opened for both directions, a fifo neither waits for its reader (boot.sh, when the root is ready) nor loses what was written.
        await using var go = new FileStream(
            Path.Combine(DirectoryPath, "go"),
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite,
            bufferSize: 0
        );
        await go.WriteAsync("go\n"u8.ToArray(), cancellationToken);
        await WaitForSshAsync(cancellationToken);
    }

    /// <summary>Pulls the plug: the link goes first, so that nobody gets a goodbye; then everything in the node is killed. The disk
    /// stays.</summary>
    public async Task PowerOffAsync(CancellationToken cancellationToken = default)
    {
        var init = Running();
        await CutNetworkAsync(cancellationToken);
        await init.KillAsync(cancellationToken);
        await Tool.TryAsync("ip", ["link", "del", Specification.Link], cancellationToken: cancellationToken);
    }

    /// <summary>Cuts the node off from everything; its processes run on.</summary>
    public Task CutNetworkAsync(CancellationToken cancellationToken = default) =>
        Tool.RunAsync("ip", ["link", "set", Specification.Link, "down"], cancellationToken);

    /// <summary>Mends what <see cref="CutNetworkAsync"/> cut.</summary>
    public Task MendNetworkAsync(CancellationToken cancellationToken = default) =>
        Tool.RunAsync("ip", ["link", "set", Specification.Link, "up"], cancellationToken);

    /// <summary>Limits the node's link in both directions (token bucket).</summary>
    /// <param name="rate">As tc writes it, such as 200mbit.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SlowLinkAsync(string rate, CancellationToken cancellationToken = default)
    {
        string[] limit = ["root", "tbf", "rate", rate, "burst", "256kb", "latency", "100ms"];
        await Tool.RunAsync("tc", ["qdisc", "replace", "dev", Specification.Link, .. limit], cancellationToken);
        await InNetworkAsync(Running(), ["tc", "qdisc", "replace", "dev", "eth0", .. limit], cancellationToken);
    }

    /// <summary>Takes back <see cref="SlowLinkAsync"/>.</summary>
    public async Task FreeLinkAsync(CancellationToken cancellationToken = default)
    {
        await Tool.TryAsync("tc", ["qdisc", "del", "dev", Specification.Link, "root"], cancellationToken: cancellationToken);
        await Tool.TryAsync(
            "nsenter",
            [.. NetworkOf(Running()), "tc", "qdisc", "del", "dev", "eth0", "root"],
            cancellationToken: cancellationToken
        );
    }

    /// <summary>Runs a shell script as root in the node (not over SSH) and gives its output.</summary>
    /// <exception cref="LabException">The node is off, or the script failed.</exception>
    public Task<string> RunAsync(string script, CancellationToken cancellationToken = default) =>
        Tool.RunAsync("nsenter", [.. Inside(), "/bin/sh", "-euc", script], cancellationToken);

    /// <summary>Runs a shell script as root in the node and gives what it answered.</summary>
    public Task<ToolResult> TryAsync(string script, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Tool.TryAsync("nsenter", [.. Inside(), "/bin/sh", "-euc", script], timeout: timeout, cancellationToken: cancellationToken);

    /// <summary>Kills (SIGKILL) every process of the node with this name, such as etcd. Gives how many there were.</summary>
    public async Task<int> KillProcessAsync(string name, CancellationToken cancellationToken = default)
    {
        // The PID namespace bounds it: nothing outside of the node can match.
        var result = await TryAsync($"pids=$(pgrep -x '{name}') && kill -9 $pids && echo $pids", null, cancellationToken);
        return result.Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Length;
    }

    /// <summary>Fills the file system of a directory, leaving about <paramref name="leave"/> bytes. Only for nodes with a disk of their
    /// own.</summary>
    /// <exception cref="LabException">The directory is on this machine's own disk.</exception>
    public async Task FillDiskAsync(string pathInNode, long leave = 0, CancellationToken cancellationToken = default)
    {
        if (
            Specification.DiskMountPoint is not { Length: > 0 } mount
            || !(pathInNode + "/").StartsWith(mount.TrimEnd('/') + "/", StringComparison.Ordinal)
        )
        {
            throw new LabException(
                $"{pathInNode} of {Name} is on this machine's own disk; start the lab with a disk for it (LabOptions.DiskMountPoint)."
            );
        }

        var free = long.Parse(
            (await RunAsync($"df -B1 --output=avail '{pathInNode}' | tail -n 1", cancellationToken)).Trim(),
            CultureInfo.InvariantCulture
        );
        // The file system keeps a little for its own records, and others may write meanwhile, so the last part is written until it refuses.
        var most = Math.Max(1, free - leave - (free / 20));
        var reserve = string.Create(CultureInfo.InvariantCulture, $"fallocate -l {most} '{Ballast(mount)}'");
        if (leave != 0)
        {
            await RunAsync(reserve, cancellationToken);
            return;
        }

        await TryAsync($"{reserve} || :; cat /dev/zero > '{Ballast(mount)}-last'", null, cancellationToken);
    }

    /// <summary>Takes back <see cref="FillDiskAsync"/>.</summary>
    public Task FreeDiskAsync(CancellationToken cancellationToken = default) =>
        RunAsync($"rm -f '{Ballast(Specification.DiskMountPoint ?? string.Empty)}'*", cancellationToken);

    /// <summary>
    /// Makes the node's <c>date</c> tell another time. There is no namespace for the real-time clock, so this stand-in is all that is off:
    /// programs that ask the kernel get this machine's time.
    /// </summary>
    public Task ShiftClockAsync(TimeSpan by, CancellationToken cancellationToken = default) =>
        RunAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                printf '#!/bin/sh\nexec /usr/bin/date -d "{by.TotalSeconds:+0;-0} seconds" "$@"\n' > {DateStandIn}
                chmod 755 {DateStandIn}
                """
            ),
            cancellationToken
        );

    /// <summary>Takes back <see cref="ShiftClockAsync"/>.</summary>
    public Task RightClockAsync(CancellationToken cancellationToken = default) => RunAsync($"rm -f {DateStandIn}", cancellationToken);

    /// <summary>Inverts one byte of a file in the node.</summary>
    public async Task CorruptAsync(string pathInNode, long offset, CancellationToken cancellationToken = default)
    {
        await using var file = new FileStream(PathOf(pathInNode), FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        var old = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(old ^ 0xFF));
        await file.FlushAsync(cancellationToken);
    }

    // First on every PATH, sudo's too.
    private const string DateStandIn = "/usr/local/bin/date";

    private static string Ballast(string mount) => mount.TrimEnd('/') + "/.lab-ballast";

    private static string[] NetworkOf(ProcessIdentity init) => ["-t", init.Id.ToString(CultureInfo.InvariantCulture), "-n"];

    private string[] Inside() => ["-t", Running().Id.ToString(CultureInfo.InvariantCulture), "-m", "-p", "-u", "-i", "-n", "-r", "-w"];

    private ProcessIdentity Running() => Init ?? throw new LabException($"{Name} is off.");

    private async Task MakeFifoAsync(CancellationToken cancellationToken)
    {
        var fifo = Path.Combine(DirectoryPath, "go");
        File.Delete(fifo);
        await Tool.RunAsync("mkfifo", [fifo], cancellationToken);
    }

    private async Task<ProcessIdentity> StartAsync(CancellationToken cancellationToken)
    {
        // setsid and files in place of pipes: the node outlives the process that started it. The inner shell's number is that of unshare,
        // by exec.
        const string script = """
            cd /
            log=$1 pid=$2; shift 2
            setsid unshare --mount --pid --uts --ipc --net --fork --kill-child=SIGKILL "$@" > "$log" 2>&1 < /dev/null &
            echo $! > "$pid"
            """;
        var parent = Path.Combine(DirectoryPath, "unshare.pid");
        string[] arguments =
        [
            "-euc",
            script,
            "sh",
            Path.Combine(DirectoryPath, "boot.log"),
            parent,
            "/bin/bash",
            _environment.BootScript,
            DirectoryPath,
            Name,
            _environment.App,
            _environment.Dotnet,
            _environment.Images,
            Specification.DiskMountPoint ?? string.Empty,
        ];
        var marker = new Dictionary<string, string> { [Lab.Marker] = _environment.LabDirectory };
        var result = await Tool.TryAsync("/bin/sh", arguments, environment: marker, cancellationToken: cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new LabException($"{Name} could not be started: {result.Error.Trim()}");
        }

        var unshare = int.Parse(await File.ReadAllTextAsync(parent, cancellationToken), CultureInfo.InvariantCulture);
        var init = await FirstChildAsync(unshare, cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(DirectoryPath, "init.pid"),
            string.Create(CultureInfo.InvariantCulture, $"{init.Id} {init.Started}"),
            cancellationToken
        );
        return init;
    }

    private async Task<ProcessIdentity> FirstChildAsync(int parent, CancellationToken cancellationToken)
    {
        var children = string.Create(CultureInfo.InvariantCulture, $"/proc/{parent}/task/{parent}/children");
        for (var deadline = DateTime.UtcNow + BootLimit; DateTime.UtcNow < deadline; await Task.Delay(5, cancellationToken))
        {
            var child = File.Exists(children) ? (await File.ReadAllTextAsync(children, cancellationToken)).Trim() : string.Empty;
            // unshare becomes visible before it has made the namespaces; its child is in them.
            if (child.Length > 0 && ProcessIdentity.Of(int.Parse(child.Split(' ')[0], CultureInfo.InvariantCulture)) is { } init)
            {
                return init;
            }
        }

        throw new LabException($"{Name} did not start; {Log()}");
    }

    private async Task ConnectNetworkAsync(ProcessIdentity init, CancellationToken cancellationToken)
    {
        const string script = """
            link=$1 bridge=$2 pid=$3 address=$4 gateway=$5
            ip link del "$link" 2>/dev/null || true
            ip link add "$link" type veth peer name eth0 netns "$pid"
            ip link set "$link" master "$bridge" up
            nsenter -t "$pid" -n sh -euc '
                ip addr add "$1/24" dev eth0; ip link set lo up; ip link set eth0 up; ip route add default via "$2"
            ' sh "$address" "$gateway"
            """;
        var id = init.Id.ToString(CultureInfo.InvariantCulture);
        await Tool.ShellAsync(script, [Specification.Link, Specification.Bridge, id, Address, Specification.Gateway], cancellationToken);
    }

    private static Task<string> InNetworkAsync(ProcessIdentity init, string[] command, CancellationToken cancellationToken) =>
        Tool.RunAsync("nsenter", [.. NetworkOf(init), .. command], cancellationToken);

    /// <summary>Waits until sshd answers.</summary>
    /// <exception cref="LabException">It does not, or the node is off.</exception>
    internal async Task WaitForSshAsync(CancellationToken cancellationToken)
    {
        for (var deadline = DateTime.UtcNow + BootLimit; DateTime.UtcNow < deadline; await Task.Delay(50, cancellationToken))
        {
            if (Init is null)
            {
                throw new LabException($"{Name} died while starting; {Log()}");
            }

            if (await TcpProbe.AnswersAsync(Address, 22, cancellationToken))
            {
                return;
            }
        }

        throw new LabException($"sshd of {Name} ({Address}) did not answer within {BootLimit.TotalSeconds:0} s; {Log()}");
    }

    private string Log()
    {
        var file = Path.Combine(DirectoryPath, "boot.log");
        return File.Exists(file) ? $"its log says: {File.ReadAllText(file).Trim()}" : "it left no log";
    }
}
