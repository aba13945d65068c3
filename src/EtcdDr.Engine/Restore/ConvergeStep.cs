namespace EtcdDr.Engine.Restore;

/// <summary>A step of bringing a cluster in line with its new state. It begins when those before it have ended, however they
/// ended.</summary>
/// <param name="Name">Its name, one of <see cref="StepNames"/>.</param>
/// <param name="After">Names of the steps that it waits for.</param>
/// <param name="Work">What it does; can be done again.</param>
internal sealed record ConvergeStep(string Name, IReadOnlyList<string> After, Func<CancellationToken, Task<string?>> Work);
