using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Ssh;

/// <summary>
/// A real sshd on a free port of 127.0.0.1, in mount and PID namespaces of its own: its users, sudo rules and logs exist there only.
/// Everything lies below one temporary directory and goes with <see cref="Dispose"/>.
/// </summary>
internal sealed class SshServer : IDisposable
{
    /// <summary>May use sudo without a password.</summary>
    public const string Operator = "etcddr-operator";

    /// <summary>May use sudo with <see cref="Password"/>.</summary>
    public const string Careful = "etcddr-careful";

    /// <summary>May not use sudo.</summary>
    public const string Guest = "etcddr-guest";

    /// <summary>The password of all three.</summary>
    public const string Password = "pass word$1";

    private const string PasswordHash = "$6$etcddr$97nazOjKFzvVokt5abXPxwa6GwDRL1a85gU5TkJyhPAFSJGSuST2oJHWb.z0THKrBkoER/GphXN7VwkDXzkOk1";
    private static readonly string[] Packages = ["openssh-server", "openssh-client", "sudo", "putty-tools", "fish", "tcsh"];
    private static readonly object Installing = new();
    private readonly Process _process;
    private readonly StringBuilder _log = new();

    private SshServer(string root, int port, Process process)
    {
        Root = root;
        Port = port;
        _process = process;
        _process.OutputDataReceived += (_, e) => Log(e.Data);
        _process.ErrorDataReceived += (_, e) => Log(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Root { get; }

    public int Port { get; }

    /// <summary>A private key that all users accept.</summary>
    public string KeyFile => Path.Combine(Root, "id_ed25519");

    /// <summary>known_hosts with the server's keys.</summary>
    public string KnownHosts => Path.Combine(Root, "known_hosts");

    public string SshdLog
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="sshdConfig">Makes, from the server's directory, lines for sshd_config that come first, so they win.</param>
    /// <param name="hostKeyTypes">The types of host key that the server has.</param>
    /// <param name="prepare">Runs with the server's directory before it starts.</param>
    public static SshServer Start(
        Func<string, string>? sshdConfig = null,
        IReadOnlyList<string>? hostKeyTypes = null,
        Action<string>? prepare = null
    )
    {
        InstallPackages();
        var root = Directory.CreateTempSubdirectory("etcddr-sshd-").FullName;
        var port = FreePort();
        foreach (var user in new[] { Operator, Careful, Guest })
            Directory.CreateDirectory(Path.Combine(root, "home", user));

        var types = hostKeyTypes ?? ["ed25519", "ecdsa", "rsa"];
        foreach (var type in types)
            Run("ssh-keygen", "-q", "-t", type, "-N", "", "-f", Path.Combine(root, $"host_{type}"));

        Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", Path.Combine(root, "id_ed25519"));
        File.Copy(Path.Combine(root, "id_ed25519.pub"), Path.Combine(root, "authorized_keys"));
        File.WriteAllLines(
            Path.Combine(root, "known_hosts"),
            types.Select(type => $"[127.0.0.1]:{port} {File.ReadAllText(Path.Combine(root, $"host_{type}.pub")).Trim()}")
        );
        prepare?.Invoke(root);
        File.WriteAllText(Path.Combine(root, "sshd_config"), Configuration(root, port, sshdConfig?.Invoke(root) ?? string.Empty, types));
        File.WriteAllText(Path.Combine(root, "start.sh"), StartScript());
        var server = new SshServer(root, port, Launch(root));
        server.WaitUntilItListens(times: 1);
        return server;
    }

    public SshSettings Settings(string user = Operator) =>
        new()
        {
            User = user,
            Port = Port,
            KeyFile = KeyFile,
            KnownHostsFile = KnownHosts,
            ConfigFile = string.Empty,
            UseAgent = false,
        };

    public Task<IRemoteHost> ConnectAsync(SshSettings? settings = null, OperationContext? context = null) =>
        new SshHostFactory().ConnectAsync(
            "node1",
            "127.0.0.1",
            settings ?? Settings(),
            context ?? new OperationContext(new RecordingSink()),
            CancellationToken.None
        );

    /// <summary>Has sshd read its keys and configuration again.</summary>
    public void Reload()
    {
        var before = Listening;
        Run("kill", "-HUP", File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Trim());
        WaitUntilItListens(before + 1);
    }

    /// <summary>Runs a program to its end and returns what it wrote.</summary>
    public static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            }
        )!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {output}{error.Result}");
    }

    public void Dispose()
    {
        // The namespaces' first process goes with it, and with that all others and all mounts.
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    public static void InstallPackages()
    {
        lock (Installing)
        {
            if (new[] { "/usr/sbin/sshd", "/usr/bin/sudo", "/usr/bin/puttygen", "/usr/bin/fish", "/usr/bin/tcsh" }.All(File.Exists))
                return;

            Console.Error.WriteLine($"Installing {string.Join(' ', Packages)} for the SSH tests.");
            Run("apt-get", ["update", "-q"]);
            Run("apt-get", ["install", "-y", "-q", "--no-install-recommends", .. Packages]);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Process Launch(string root)
    {
        var start = new ProcessStartInfo(
            "unshare",
            ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", Path.Combine(root, "start.sh"), root]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        return Process.Start(start)!;
    }

    private static string Configuration(string root, int port, string first, IReadOnlyList<string> types) =>
        $"""
            {first}
            ListenAddress 127.0.0.1
            Port {port}
            PidFile none
            UsePAM yes
            LogLevel VERBOSE
            StrictModes no
            AuthorizedKeysFile {root}/authorized_keys
            PasswordAuthentication yes
            KbdInteractiveAuthentication no
            PrintMotd no
            PrintLastLog no
            PermitRootLogin prohibit-password
            {(first.Contains("Subsystem", StringComparison.Ordinal) ? string.Empty : "Subsystem sftp internal-sftp")}
            {string.Join('\n', types.Select(type => $"HostKey {root}/host_{type}"))}
            """;

    private static string StartScript() =>
        $$"""
            set -eu
            root=$1
            mount --make-rprivate /
            cp -a /etc "$root/etc"
            id=4321
            shell=$(cat "$root/shell" 2>/dev/null || echo /bin/sh)
            for user in {{Operator}} {{Careful}} {{Guest}}; do
                printf '%s:x:%s:%s::%s:%s\n' "$user" "$id" "$id" "$root/home/$user" "$shell" >>"$root/etc/passwd"
                printf '%s:x:%s:\n' "$user" "$id" >>"$root/etc/group"
                printf '%s:%s:19000:0:99999:7:::\n' "$user" '{{PasswordHash}}' >>"$root/etc/shadow"
                chown "$id:$id" "$root/home/$user"
                id=$((id + 1))
            done
            mkdir -p "$root/etc/sudoers.d"
            printf '%s\n' '{{Operator}} ALL=(root) NOPASSWD: ALL' '{{Careful}} ALL=(root) ALL' >"$root/etc/sudoers.d/etcddr"
            chmod 0440 "$root/etc/sudoers.d/etcddr"
            chmod 0755 "$root" "$root/home"
            mount --bind "$root/etc" /etc
            mount -t tmpfs none /run
            mount -t tmpfs none /var/log
            mkdir -p /run/sshd
            exec /usr/sbin/sshd -D -e -f "$root/sshd_config"
            """;

    private int Listening => SshdLog.Split("Server listening").Length - 1;

    private void WaitUntilItListens(int times)
    {
        var clock = Stopwatch.StartNew();
        while (Listening < times)
        {
            if (_process.HasExited || clock.Elapsed > TimeSpan.FromMinutes(2))
                throw new InvalidOperationException($"sshd did not start: {SshdLog}");

            Thread.Sleep(20);
        }
    }

    private void Log(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }
}
