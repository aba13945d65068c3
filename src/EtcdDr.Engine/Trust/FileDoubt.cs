namespace EtcdDr.Engine.Trust;

/// <summary>Why a file does not count: somebody else could have written it, or put it where it is.</summary>
/// <param name="Message">What is wrong with which file or directory, as a sentence.</param>
/// <param name="Remedy">What to do about it, as a sentence.</param>
public sealed record FileDoubt(string Message, string Remedy);
