namespace EtcdDr.Bench.Measuring;

/// <summary>One timed run.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="PeakKiB">Peak memory (VmHWM) of the process that ran our cmdlet, KiB; null for what is not ours.</param>
/// <param name="Steps">Where the time went, for people; null where nobody says.</param>
internal sealed record Measurement(double Seconds, long? PeakKiB = null, string? Steps = null);
