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

    /// <summary>The findings, or a pass where there are none.</summary>
    public static IReadOnlyList<MirrorFinding> OrPass(IEnumerable<MirrorFinding> findings, string message)
    {
        var list = findings.ToList();
        return list.Count > 0 ? list : [Pass(message)];
    }
}
