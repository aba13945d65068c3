namespace EtcdDr.Bench.Measuring;

/// <summary>What a session tells of one script.</summary>
/// <param name="Seconds">How long the script took.</param>
/// <param name="PeakKiB">Peak memory of the session's process so far (VmHWM), KiB.</param>
/// <param name="Highest">Of what that consisted; null where nobody looked (<see cref="MemoryWatch"/>).</param>
/// <param name="Output">The objects that it emitted, as text.</param>
internal sealed record ModuleAnswer(double Seconds, long PeakKiB, MemoryReading? Highest, IReadOnlyList<string> Output);
