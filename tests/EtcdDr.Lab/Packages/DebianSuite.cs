using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Packages;

/// <summary>
/// A Debian suite that need not be this machine's: asked through an apt configuration of its own (sources, lists, cache, no installed
/// packages), so that the machine's own apt state is not touched and no suites are mixed. The mirror is the one that the machine's own
/// sources name.
/// </summary>
internal sealed class DebianSuite
{
    private const string Keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
    private readonly string _name;
    private readonly string _directory;

    /// <param name="name">Code name: bookworm, trixie.</param>
    /// <param name="directory">Directory for its lists, made when missing.</param>
    public DebianSuite(string name, string directory)
    {
        _name = name;
        _directory = directory;
    }

    /// <summary>Downloads packages (not what they depend on) and unpacks them below a directory.</summary>
    /// <exception cref="LabException">The machine has no Debian sources, or apt failed.</exception>
    public async Task UnpackAsync(string target, IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        var configuration = await ConfigureAsync(cancellationToken);
        await AptAsync(configuration, ["update"], cancellationToken);
        var downloads = Directory.CreateDirectory(Path.Combine(_directory, "debs")).FullName;
        await Tool.ShellAsync(
            "cd \"$1\"; shift; export APT_CONFIG=\"$1\"; shift; apt-get -q download \"$@\"",
            [downloads, configuration, .. packages],
            cancellationToken
        );
        foreach (var package in Directory.EnumerateFiles(downloads, "*.deb"))
        {
            await Tool.RunAsync("dpkg-deb", ["-x", package, target], cancellationToken);
        }
    }

    private static async Task AptAsync(string configuration, string[] arguments, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string> { ["APT_CONFIG"] = configuration, ["DEBIAN_FRONTEND"] = "noninteractive" };
        var result = await Tool.TryAsync("apt-get", ["-q", .. arguments], null, environment, TimeSpan.FromMinutes(5), cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new LabException($"apt-get {string.Join(' ', arguments)} ended with status {result.ExitCode}: {result.Error.Trim()}");
        }
    }

    private async Task<string> ConfigureAsync(CancellationToken cancellationToken)
    {
        var mirror = await MirrorAsync(cancellationToken);
        foreach (var part in new[] { "lists/partial", "cache/archives/partial", "parts" })
        {
            Directory.CreateDirectory(Path.Combine(_directory, part));
        }

        var status = Path.Combine(_directory, "status");
        var sources = Path.Combine(_directory, "sources.list");
        var configuration = Path.Combine(_directory, "apt.conf");
        await File.WriteAllTextAsync(status, string.Empty, cancellationToken);
        await File.WriteAllTextAsync(sources, $"deb [signed-by={Keyring}] {mirror} {_name} main\n", cancellationToken);
        await File.WriteAllTextAsync(
            configuration,
            $"""
            {await NetworkSettingsAsync(cancellationToken)}
            Dir::State::status "{status}";
            Dir::State::lists "{_directory}/lists";
            Dir::Cache "{_directory}/cache";
            Dir::Etc::sourcelist "{sources}";
            Dir::Etc::sourceparts "{_directory}/parts";
            Dir::Etc::preferences "/dev/null";
            Dir::Etc::preferencesparts "{_directory}/parts";
            Dir::Etc::main "/dev/null";
            Dir::Etc::parts "{_directory}/parts";
            Acquire::Languages "none";
            APT::Sandbox::User "root";

            """,
            cancellationToken
        );
        return configuration;
    }

    /// <summary>Proxies and other settings of the machine for reaching its mirror.</summary>
    private static async Task<string> NetworkSettingsAsync(CancellationToken cancellationToken)
    {
        var dump = await Tool.RunAsync("apt-config", ["dump"], cancellationToken);
        return string.Join(
            '\n',
            dump.Split('\n')
                .Where(line =>
                    line.StartsWith("Acquire::http", StringComparison.OrdinalIgnoreCase)
                    || line.StartsWith("Acquire::Check-", StringComparison.OrdinalIgnoreCase)
                )
        );
    }

    private static async Task<string> MirrorAsync(CancellationToken cancellationToken)
    {
        var codename = (await File.ReadAllLinesAsync("/etc/os-release", cancellationToken))
            .FirstOrDefault(line => line.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal))
            ?.Split('=')[1]
            .Trim('"');
        var targets = await Tool.RunAsync(
            "apt-get",
            ["indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"],
            cancellationToken
        );
        return targets.Split('\n').Select(line => line.Split(' ')).FirstOrDefault(parts => parts.Length == 2 && parts[0] == codename)?[1]
            ?? throw new LabException(
                $"apt's sources on this machine name no mirror for '{codename}', so the lab does not know where to get etcd from."
            );
    }
}
