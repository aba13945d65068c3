namespace EtcdDr.Engine.Reports.Html;

/// <summary>What is good and what is not.</summary>
internal static class Tones
{
    /// <summary>Name of its class in the style sheet.</summary>
    public static string Class(Tone tone) =>
        tone switch
        {
            Tone.Good => "good",
            Tone.Warning => "warn",
            Tone.Bad => "bad",
            _ => "plain",
        };

    /// <summary>The sign in front of the word.</summary>
    public static string Sign(Tone tone) =>
        tone switch
        {
            Tone.Good => "\u2713",
            Tone.Warning => "!",
            Tone.Bad => "\u2715",
            _ => "i",
        };

    /// <summary>Of a restore's state.</summary>
    public static Tone Of(RestoreState state) =>
        state switch
        {
            RestoreState.Completed or RestoreState.Undone or RestoreState.Staged => Tone.Good,
            RestoreState.Failed or RestoreState.CuttingOver or RestoreState.RollingBack => Tone.Bad,
            RestoreState.Planned => Tone.Plain,
            _ => Tone.Warning,
        };

    /// <summary>Of a snapshot's check.</summary>
    public static Tone Of(SnapshotTestSeverity severity) =>
        severity switch
        {
            SnapshotTestSeverity.None => Tone.Good,
            SnapshotTestSeverity.Warning => Tone.Warning,
            _ => Tone.Bad,
        };

    /// <summary>Of a check of two sites.</summary>
    public static Tone Of(MirrorStatus status) =>
        status switch
        {
            MirrorStatus.Pass => Tone.Good,
            MirrorStatus.Information => Tone.Plain,
            MirrorStatus.Warning => Tone.Warning,
            _ => Tone.Bad,
        };

    /// <summary>The worst of several; good where there is none.</summary>
    public static Tone Worst(IEnumerable<Tone> tones)
    {
        var seen = tones.ToHashSet();
        return seen.Contains(Tone.Bad) ? Tone.Bad
            : seen.Contains(Tone.Warning) ? Tone.Warning
            : Tone.Good;
    }
}
