using EtcdDr.Engine.Operations;

namespace EtcdDr.Progress;

/// <summary>The words of progress bars and heartbeat lines.</summary>
internal static class ProgressText
{
    /// <summary>The step with bytes and rate, for example <c>Uploading, 45.2 MiB of 108 MiB, 84.1 MiB/s</c>.</summary>
    /// <param name="update">How far the step is.</param>
    /// <param name="rate">Bytes a second; 0 where it is not known.</param>
    public static string Status(ProgressUpdate update, double rate = 0)
    {
        // PowerShell refuses an empty status.
        var text = update.Step.Length == 0 ? "Working" : update.Step;
        if (update.BytesDone is { } done)
            text += update.BytesTotal is { } total ? $", {HumanText.Size(done)} of {HumanText.Size(total)}" : $", {HumanText.Size(done)}";
        if (rate > 0)
            text += $", {HumanText.Size((long)rate)}/s";

        return text;
    }

    /// <summary>Percent done, 0 to 100; -1 where it is not known.</summary>
    public static int Percent(ProgressUpdate update)
    {
        if (update is { BytesDone: { } done, BytesTotal: > 0 and { } total })
            return (int)Math.Clamp(done * 100.0 / total, 0, 100);

        return update.Percent is { } percent ? Math.Clamp(percent, 0, 100) : -1;
    }
}
