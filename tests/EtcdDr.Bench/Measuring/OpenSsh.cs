using System.Diagnostics;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Bench.Measuring;

/// <summary>The reference: OpenSSH's own programs with their defaults, and the lab's key and known_hosts.</summary>
internal sealed class OpenSsh(Lab.Lab lab, string? knownHosts = null)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    /// <summary>Options that both programs take.</summary>
    private string[] Options =>
        [
            "-F",
            "none",
            "-i",
            lab.SshKeyFile,
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "BatchMode=yes",
            "-o",
            $"UserKnownHostsFile={knownHosts ?? lab.KnownHostsFile}",
            "-o",
            "StrictHostKeyChecking=yes",
        ];

    /// <summary><c>scp -q</c>, timed.</summary>
    public Task<Measurement> ScpAsync(string from, string to, CancellationToken cancellationToken, int port = 22) =>
        TimeAsync("scp", ["-q", "-P", $"{port}", .. Options, from, to], cancellationToken);

    /// <summary>A script on a host, timed.</summary>
    public Task<Measurement> RunAsync(string address, string script, CancellationToken cancellationToken) =>
        TimeAsync("ssh", [.. Options, $"{lab.SshUser}@{address}", script], cancellationToken);

    /// <summary>A place on a host, as scp writes it.</summary>
    public string Place(string address, string path) => $"{lab.SshUser}@{address}:{path}";

    /// <summary>Runs a program and times it.</summary>
    /// <exception cref="LabException">It failed.</exception>
    public static async Task<Measurement> TimeAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await Tool.TryAsync(program, arguments, timeout: Limit, cancellationToken: cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return result.ExitCode == 0
            ? new Measurement(seconds)
            : throw new LabException($"{program} {string.Join(' ', arguments)} ended with status {result.ExitCode}: {result.Error.Trim()}");
    }
}
