namespace EtcdDr.Engine.Mirror;

/// <summary>What a check says; name and category are added by whoever runs it.</summary>
internal sealed record MirrorFinding(MirrorStatus Status, string Message)
{
    public string? Node { get; init; }

    public string? Primary { get; init; }

    public string? Secondary { get; init; }

    public string? Remedy { get; init; }

    public static MirrorFinding Pass(string message) => new(MirrorStatus.Pass, message);

    public static MirrorFinding Information(string message) => new(MirrorStatus.Information, message);

    public static MirrorFinding Warning(string message, string remedy) => new(MirrorStatus.Warning, message) { Remedy = remedy };

    public static MirrorFinding Fail(string message, string remedy) => new(MirrorStatus.Fail, message) { Remedy = remedy };

    /// <summary>The findings; where there are none a pass, or, where nothing was there to be judged, word that it is not known.</summary>
    public static IReadOnlyList<MirrorFinding> OrPass(IEnumerable<MirrorFinding> findings, bool judged, string message)
    {
        var list = findings.ToList();
        return list.Count > 0
            ? list
            : [judged ? Pass(message) : Information("What this check needs could not be read, so nothing is said.")];
    }
}
