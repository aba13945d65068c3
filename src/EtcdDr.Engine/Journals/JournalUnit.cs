namespace EtcdDr.Engine.Journals;

/// <summary>A piece of live data that is swapped by rename.</summary>
/// <param name="Parent">The live directory that holds it.</param>
/// <param name="Entry">Its name there; <c>*</c> for all that the directory holds (a mount point).</param>
/// <param name="Staged">Directory that holds the new one until the cutover.</param>
/// <param name="Previous">Directory that keeps the previous one.</param>
public sealed record JournalUnit(string Parent, string Entry, string Staged, string Previous);
