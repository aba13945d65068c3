namespace EtcdDr.Engine.Restore;

/// <summary>
/// How far a restore is when a step begins, for its overall progress bar: by the shares that the steps had of restores in the lab's drill.
/// Shipping and building the data, and the wait until all runs again, are most of it.
/// </summary>
internal static class RestoreProgress
{
    private static readonly Dictionary<string, int> Begins = new(StringComparer.Ordinal)
    {
        [StepNames.Journal] = 2,
        [StepNames.KeepConfiguration] = 4,
        [StepNames.Ship] = 5,
        [StepNames.Build] = 20,
        [StepNames.StageKeys] = 30,
        [StepNames.HoldKubelets] = 31,
        [StepNames.StopApi] = 32,
        [StepNames.StopEtcd] = 36,
        [StepNames.SwapData] = 38,
        [StepNames.SwapKeys] = 39,
        [StepNames.StartEtcd] = 40,
        [StepNames.WaitEtcd] = 44,
        [StepNames.StartApi] = 46,
        [StepNames.WaitApi] = 47,
        [StepNames.ReleaseLeases] = 55,
        [StepNames.StartRest] = 55,
        [StepNames.Remember] = 56,
        [StepNames.CheckEtcd] = 57,
        [StepNames.CleanState] = 59,
        [StepNames.HoldCronJobs] = 60,
        [StepNames.OwnAuthority] = 60,
        [StepNames.CompareNodes] = 60,
        [StepNames.RestartKubelets] = 60,
        [StepNames.Recycle] = 62,
        [StepNames.WaitReady] = 65,
    };

    /// <summary>Percent of a restore that is done when a step begins; null for steps that lead back, of which nobody knows how many there
    /// will be.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="step">The step.</param>
    public static int? At(string phase, string step) =>
        phase is "Stage" or "Cutover" or "Converge" && Begins.TryGetValue(step, out var percent) ? percent : null;
}
