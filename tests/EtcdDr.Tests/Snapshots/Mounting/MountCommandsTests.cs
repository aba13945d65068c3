using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EtcdDr.Engine.Snapshots.Mounting;
using EtcdDr.Engine.Ssh;
using EtcdDr.Lab.Etcd;
using EtcdDr.Lab.Packages;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots.Mounting;

/// <summary>The scripts of a mount in a real shell as root, with a real etcd; the apiserver is a program that does nothing.</summary>
[Trait("Category", "Lab")]
public sealed class MountCommandsTests : IAsyncLifetime, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TempDirectory _temp = new();
    private string _programs = string.Empty;
    private string _apiServer = string.Empty;
    private byte[] _database = [];

    private string Root => _temp.At("mounts");

    private string Runs => _temp.At("run", "mount");

    public async Task InitializeAsync()
    {
        _programs = await EtcdPackages.GetAsync("3.5");
        await using var etcd = await LoneEtcd.StartAsync("3.5");
        await etcd.PutManyAsync([("/registry/a", new byte[10])]);
        _database = await File.ReadAllBytesAsync(await etcd.SnapshotAsync());

        // A program counts only where it and all above it are root's alone, which a directory for temporary files is not.
        _apiServer = Path.Combine(Path.GetDirectoryName(_programs)!, $"mount-{Guid.NewGuid():N}");
        Directory.CreateDirectory(_apiServer);
        var program = Path.Combine(_apiServer, "kube-apiserver");
        await File.WriteAllTextAsync(program, "#!/bin/sh\nls /proc\nexec sleep 600\n");
        File.SetUnixFileMode(program, (UnixFileMode)0x1ED);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_apiServer, recursive: true);
        return Task.CompletedTask;
    }

    public void Dispose() => _temp.Dispose();

    [RootFact]
    public async Task A_mount_is_listed_is_alone_on_its_node_and_another_session_ends_it()
    {
        using var shell = await StartAsync("mount-1");
        Assert.Contains("mount mount-1 held ", await ListAsync(), StringComparison.Ordinal);

        // Keys and configuration are in the run's directory, which no one else can look into.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Runs));
        using var input = new MemoryStream(Encoding.ASCII.GetBytes("x"));
        Assert.Equal(MountCommands.Busy, (await Host().WriteAsync(Command("mount-2"), input, None)).ExitStatus);

        var programs = Programs("mount-1");
        await Host().RunAsync(MountCommands.End.With(Root, "mount-1"), None);
        await shell.WaitForExitAsync();
        Assert.Equal(143, shell.ExitCode);
        await AllGoneAsync(programs);
    }

    [RootFact]
    public async Task Programs_of_a_mount_that_is_killed_end_and_what_it_left_is_listed_and_removed()
    {
        using var shell = await StartAsync("mount-1");
        var programs = Programs("mount-1");
        shell.Kill();
        await shell.WaitForExitAsync();
        await GoneAsync(programs);
        Assert.Contains("mount mount-1 left ", await ListAsync(), StringComparison.Ordinal);

        await Host().RunAsync(MountCommands.End.With(Root, "mount-1"), None);
        await AllGoneAsync(programs);
    }

    [RootFact]
    public async Task A_mount_whose_connection_ends_removes_all_that_it_made()
    {
        using var shell = await StartAsync("mount-1");
        var programs = Programs("mount-1");
        shell.StandardInput.Close();
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
        await AllGoneAsync(programs);
    }

    [RootFact]
    public async Task A_program_of_a_mount_sees_its_own_processes_and_no_other()
    {
        using var shell = await StartAsync("mount-1");
        var log = Path.Combine(Root, "mount-1", "apiserver.log");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await File.ReadAllTextAsync(log, limit.Token)).Contains("self", StringComparison.Ordinal))
        {
            await Task.Delay(50, limit.Token);
        }

        var numbers = (await File.ReadAllLinesAsync(log)).Where(l => int.TryParse(l, CultureInfo.InvariantCulture, out _));
        Assert.InRange(numbers.Count(), 1, 3);
        shell.StandardInput.Close();
        await shell.WaitForExitAsync();
    }

    [RootTheory]
    [InlineData("9000000000000000000", "1000", MountCommands.NoSpace)]
    [InlineData("1000", "9000000000000000000", MountCommands.NoMemory)]
    public async Task A_node_without_room_refuses_before_anything_is_sent(string space, string memory, int status)
    {
        using var input = new MemoryStream(Encoding.ASCII.GetBytes("x"));
        Assert.Equal(status, (await Host().WriteAsync(Command("mount-1", space, memory), input, None)).ExitStatus);
        Assert.False(Directory.Exists(Root));
        Assert.Empty(Directory.GetDirectories(Runs));
    }

    [RootTheory]
    [InlineData("mount-../../etc")]
    [InlineData("mount-")]
    [InlineData("other")]
    public async Task What_is_no_name_of_a_mount_is_not_removed(string name)
    {
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => Host().RunAsync(MountCommands.End.With(Root, name), None));
        Assert.Equal("RemoteCommandFailed", failure.ErrorId);
    }

    private LocalHost Host() =>
        new("m1")
        {
            Rewrite = command => command with { Script = command.Script.Replace("/run/etcddr", _temp.At("run"), StringComparison.Ordinal) },
        };

    private RemoteCommand Command(string name, string space = "1000", string memory = "268435456") =>
        MountCommands.Run.With(
            Root,
            name,
            "{}",
            "ca.crt:1 mount.crt:1 mount.key:1 policy.jsonl:1",
            _database.Length.ToString(CultureInfo.InvariantCulture),
            Convert.ToHexStringLower(SHA256.HashData(_database)),
            "",
            $"file:{_programs}/etcdutl",
            "etcdutl",
            $"file:{_programs}/etcd",
            $"file:{_apiServer}/kube-apiserver",
            space,
            memory,
            "check",
            "300",
            "--flag=value"
        );

    private async Task<string> ListAsync() => (await Host().RunAsync(MountCommands.List, None)).Text;

    private List<int> Programs(string name) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Runs, name), "*.pid")
                .Select(f => int.Parse(File.ReadAllText(f), CultureInfo.InvariantCulture)),
        ];

    private async Task AllGoneAsync(IReadOnlyList<int> programs)
    {
        await GoneAsync(programs);
        Assert.False(Directory.Exists(Root));
        Assert.Empty(Directory.GetDirectories(Runs));
        Assert.Empty(await ListAsync());
    }

    private static async Task GoneAsync(IReadOnlyList<int> programs)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (programs.Any(IsRunning))
        {
            await Task.Delay(50, limit.Token);
        }
    }

    // A process that has ended and is not reaped yet has no program any more.
    private static bool IsRunning(int process)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{process}/exe", returnFinalTarget: false) is not null;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // A mount in a shell of its own, at the point where its programs are started.
    private async Task<Process> StartAsync(string name)
    {
        var command = Host().Rewrite(Command(name));
        var shell = Process.Start(
            new ProcessStartInfo("sh", ["-c", command.Script, "sh", .. command.Arguments]) { RedirectStandardInput = true }
        )!;
        var input = shell.StandardInput.BaseStream;
        await input.WriteAsync((byte[])[.. "abcd"u8, .. _database, (byte)'x']);
        await input.FlushAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (
            !(await Host().RunAsync(MountCommands.State.With(Root, name), limit.Token)).Text.StartsWith("serving", StringComparison.Ordinal)
        )
        {
            Assert.False(shell.HasExited);
            await Task.Delay(50, limit.Token);
        }

        return shell;
    }
}
