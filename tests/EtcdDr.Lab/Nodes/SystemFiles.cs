using System.Text.Json.Nodes;
using EtcdDr.Lab.Kubeadm;

namespace EtcdDr.Lab.Nodes;

/// <summary>What the distribution and the site's administrator left on a node: users, name resolution, sshd, sudo, stand-ins.</summary>
internal sealed class SystemFiles
{
    /// <summary>The user that the module logs in as; may sudo without a password.</summary>
    public const string User = "opc";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly ClusterLayout _cluster;
    private readonly string _authorizedKey;

    public SystemFiles(ClusterLayout cluster, string authorizedKey)
    {
        _cluster = cluster;
        _authorizedKey = authorizedKey;
    }

    public void Add(NodeFiles files, NodeSpecification node, string hostKey, bool kubelet)
    {
        AddUsers(files);
        AddNames(files, node);
        files.AddPrivate("/etc/ssh/ssh_host_ed25519_key", hostKey);
        files.Add("/etc/ssh/sshd_config", SshdConfiguration);
        files.AddProgram("/etc/lab/init", File.ReadAllText(Path.Combine(LabProgram.Directory, "node-boot", "init.sh")));
        files.Add("/etc/lab/node.json", Description(node).ToJsonString());
        if (kubelet)
        {
            files.Add("/etc/lab/kubelet", "PID 1 starts the kubelet because this file is here.\n");
        }

        foreach (var standIn in Directory.EnumerateFiles(Path.Combine(LabProgram.Directory, "node-bin")))
        {
            files.AddProgram("/usr/bin/" + Path.GetFileName(standIn), File.ReadAllText(standIn));
        }
    }

    private void AddUsers(NodeFiles files)
    {
        files.Add("/etc/passwd", Without("/etc/passwd") + $"{User}:x:1000:1000::/home/{User}:/bin/bash\n");
        files.Add("/etc/group", Without("/etc/group") + $"{User}:x:1000:\n");
        // '*' is no password but no lock either: sshd refuses locked accounts.
        files.AddPrivate("/etc/shadow", Without("/etc/shadow") + $"{User}:*:19000:0:99999:7:::\n");
        files.AddPrivate($"/etc/sudoers.d/{User}", $"{User} ALL=(ALL) NOPASSWD: ALL\n");
        files.AddDirectory($"/home/{User}", OwnerOnly);
        files.AddDirectory($"/home/{User}/.ssh", OwnerOnly);
        files.AddPrivate($"/home/{User}/.ssh/authorized_keys", _authorizedKey);
        files.Add($"/home/{User}/.hushlogin", string.Empty);
    }

    private void AddNames(NodeFiles files, NodeSpecification node)
    {
        var hosts = string.Join('\n', _cluster.Nodes.Select(n => $"{n.Address} {n.Name}"));
        files.Add("/etc/hostname", node.Name + "\n");
        files.Add(
            "/etc/hosts",
            $"""
            127.0.0.1 localhost
            ::1 localhost ip6-localhost ip6-loopback
            {hosts}
            {_cluster.EndpointAddress} {_cluster.EndpointHost} {_cluster.EndpointHost.Split('.')[0]}

            """
        );
        files.Add(
            "/etc/nsswitch.conf",
            "passwd: files\ngroup: files\nshadow: files\ngshadow: files\nhosts: files dns\nnetworks: files\nprotocols: files\n"
                + "services: files\n"
        );
        // No name server: what is not in /etc/hosts is unknown at once.
        files.Add("/etc/resolv.conf", "options timeout:1 attempts:1\n");
    }

    private JsonObject Description(NodeSpecification node) =>
        new()
        {
            ["name"] = node.Name,
            ["address"] = node.Address,
            ["role"] = node.IsControlPlane ? "ControlPlane" : "Worker",
            ["cluster"] = _cluster.Site,
            ["kubernetesVersion"] = _cluster.KubernetesVersion,
            ["podCidr"] = _cluster.PodCidr,
        };

    /// <summary>A user database of this machine, without its own user of that name or number.</summary>
    private static string Without(string path) =>
        string.Concat(
            File.ReadLines(path)
                .Where(line =>
                    line.Split(':') is var fields
                    && fields[0] != User
                    && (path == "/etc/shadow" || fields.Length < 3 || fields[2] != "1000")
                )
                .Select(line => line + "\n")
        );

    private const string SshdConfiguration = """
        HostKey /etc/ssh/ssh_host_ed25519_key
        PermitRootLogin no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        UsePAM no
        UseDNS no
        MaxStartups 200
        MaxSessions 100
        PrintMotd no
        Subsystem sftp /usr/lib/openssh/sftp-server

        """;
}
