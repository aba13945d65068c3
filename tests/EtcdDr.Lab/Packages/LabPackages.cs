using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Packages;

/// <summary>The Debian packages that the lab needs on this machine. Installed by the lab itself when root; no service is started.</summary>
public static class LabPackages
{
    private static readonly (string Package, string File)[] Needed =
    [
        ("openssh-server", "/usr/sbin/sshd"),
        ("openssh-client", "/usr/bin/ssh-keygen"),
        ("openssh-sftp-server", "/usr/lib/openssh/sftp-server"),
        ("iproute2", "/usr/sbin/ip"),
        ("sudo", "/usr/bin/sudo"),
        ("procps", "/usr/bin/ps"),
        ("util-linux", "/usr/bin/nsenter"),
        ("mount", "/usr/bin/mount"),
    ];

    /// <summary>Whether this machine can run the lab at all, and if not why, so that a test can say so.</summary>
    public static string? Obstacle()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "The lab needs Linux: its nodes are made of namespaces.";
        }

        if (!Environment.IsPrivilegedProcess)
        {
            return $"The lab must run as root: its nodes are made of namespaces, mounts and network links.{MissingSentence()}";
        }

        return null;
    }

    /// <summary>Installs what is missing.</summary>
    /// <param name="say">Told what is installed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LabException">Not root, or apt failed; the message lists what is missing.</exception>
    public static async Task EnsureAsync(Action<string> say, CancellationToken cancellationToken = default)
    {
        if (Obstacle() is { } obstacle)
        {
            throw new LabException(obstacle);
        }

        await EnsureAsync(Needed, say, cancellationToken);
    }

    /// <summary>Installs those of some packages whose files are missing.</summary>
    /// <param name="packages">Packages, each with a file that it brings.</param>
    /// <param name="say">Told what is installed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LabException">apt failed.</exception>
    public static async Task EnsureAsync(
        IReadOnlyList<(string Package, string File)> packages,
        Action<string> say,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(say);
        if (Missing(packages).Count == 0)
        {
            return;
        }

        using var alone = await LabCache.LockAsync(cancellationToken);
        var missing = Missing(packages);
        if (missing.Count > 0)
        {
            say($"Installing Debian packages that the lab needs: {string.Join(' ', missing)} ...");
            await InstallAsync(missing, cancellationToken);
        }
    }

    private static List<string> Missing(IReadOnlyList<(string Package, string File)> packages) =>
        [.. packages.Where(n => !File.Exists(n.File)).Select(n => n.Package)];

    private static string MissingSentence() =>
        Missing(Needed) is { Count: > 0 } missing
            ? $" These Debian packages are missing as well: {string.Join(' ', missing)}."
            : string.Empty;

    private static async Task InstallAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        // A policy of its own keeps the maintainer scripts from starting services (exit status 101: forbidden by policy); an existing one
        // is left as it is.
        const string script = """
            export DEBIAN_FRONTEND=noninteractive
            policy=/usr/sbin/policy-rc.d
            if [ ! -e "$policy" ]; then
                printf '#!/bin/sh\nexit 101\n' > "$policy"
                chmod 755 "$policy"
                trap 'rm -f "$policy"' EXIT
            fi
            apt-get -q -o DPkg::Lock::Timeout=300 update
            apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
            """;
        var result = await Tool.TryAsync(
            "/bin/sh",
            ["-euc", script, "sh", .. packages],
            null,
            null,
            TimeSpan.FromMinutes(10),
            cancellationToken
        );
        if (result.ExitCode != 0)
        {
            throw new LabException(
                $"The packages that the lab needs ({string.Join(' ', packages)}) could not be installed; apt-get said: "
                    + $"{result.Error.Trim()}"
            );
        }
    }
}
