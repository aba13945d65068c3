using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Engine.Nodes;

/// <summary>What <see cref="NodeCommands.Surroundings"/> printed on a node.</summary>
internal sealed record NodeProbe
{
    /// <summary>Services of the <c>hosts:</c> line of nsswitch.conf, in order; empty where there is none.</summary>
    public IReadOnlyList<string> NameServices { get; init; } = [];

    /// <summary>The node's own addresses.</summary>
    public IReadOnlySet<string> Addresses { get; init; } = new HashSet<string>();

    /// <summary>Addresses by name, for every name that was asked for; empty where it does not resolve.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Names { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>By host and port whether a connection comes about.</summary>
    public IReadOnlyDictionary<string, Reach> Reach { get; init; } = new Dictionary<string, Reach>();

    /// <summary>By host and port whether what answers there bears a certificate of the node's own cluster CA; null where that could not be
    /// found out.</summary>
    public IReadOnlyDictionary<string, bool?> ServesOwnCluster { get; init; } = new Dictionary<string, bool?>();

    /// <summary>Images on the node; empty where crictl is not there or does not answer.</summary>
    public IReadOnlySet<string> Images { get; init; } = new HashSet<string>();

    /// <summary>Version of kubeadm; null if it is not installed.</summary>
    public string? Kubeadm { get; init; }

    /// <summary>How far the clock is ahead of this machine's at least, seconds.</summary>
    public double ClockAtLeast { get; init; }

    /// <summary>How far the clock is ahead of this machine's at most, seconds.</summary>
    public double ClockAtMost { get; init; }

    /// <summary>The apiserver's serving certificate; null where it could not be read.</summary>
    public X509Certificate2? ApiServerCertificate { get; init; }

    /// <summary>Reads the script's lines.</summary>
    /// <param name="text">What it printed.</param>
    /// <param name="started">This machine's clock before it ran.</param>
    /// <param name="ended">This machine's clock after it ran.</param>
    public static NodeProbe Parse(string text, DateTimeOffset started, DateTimeOffset ended)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(l => l.Length > 0)
            .ToList();
        IEnumerable<string[]> Of(string key) => lines.Where(l => l[0] == key);
        var clocks = Of("clock").Where(l => l.Length == 2).Select(l => Seconds(l[1])).ToList();
        return new NodeProbe
        {
            NameServices = Of("nsswitch").Select(l => (IReadOnlyList<string>)l[1..]).FirstOrDefault() ?? [],
            Addresses = Of("address").SelectMany(l => l[1..]).ToHashSet(StringComparer.Ordinal),
            Names = Of("name")
                .Where(l => l.Length >= 2)
                .DistinctBy(l => l[1])
                .ToDictionary(l => l[1], l => (IReadOnlyList<string>)l[2..], StringComparer.Ordinal),
            Reach = Of("reach")
                .Where(l => l.Length == 3)
                .DistinctBy(l => l[1])
                .ToDictionary(l => l[1], l => ReachOf(l[2]), StringComparer.Ordinal),
            ServesOwnCluster = Of("serves")
                .Where(l => l.Length == 3)
                .DistinctBy(l => l[1])
                .ToDictionary(
                    l => l[1],
                    l =>
                        l[2] switch
                        {
                            "own" => true,
                            "foreign" => false,
                            _ => (bool?)null,
                        },
                    StringComparer.Ordinal
                ),
            Images = Of("image").Where(l => l.Length == 2).Select(l => l[1]).ToHashSet(StringComparer.Ordinal),
            Kubeadm = Of("kubeadm").Where(l => l.Length == 2).Select(l => l[1]).FirstOrDefault(),
            ClockAtLeast = clocks.Count == 2 ? clocks[1] - Seconds(ended) : double.NegativeInfinity,
            ClockAtMost = clocks.Count == 2 ? clocks[0] - Seconds(started) : double.PositiveInfinity,
            ApiServerCertificate = Of("certificate").Where(l => l.Length == 2).Select(l => Certificate(l[1])).FirstOrDefault(),
        };
    }

    private static Reach ReachOf(string word) =>
        word switch
        {
            "yes" => Nodes.Reach.Connects,
            "refused" => Nodes.Reach.Refused,
            "no" => Nodes.Reach.Silent,
            _ => Nodes.Reach.Unknown,
        };

    private static double Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;

    private static X509Certificate2? Certificate(string base64)
    {
        try
        {
            return X509Certificate2.CreateFromPem(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(base64)));
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            // The check then says that it could not be read.
            return null;
        }
    }
}
