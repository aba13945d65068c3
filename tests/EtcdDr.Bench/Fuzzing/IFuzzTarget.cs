namespace EtcdDr.Bench.Fuzzing;

/// <summary>Something that reads files that may be hostile.</summary>
public interface IFuzzTarget
{
    /// <summary>Its name, for messages.</summary>
    string Name { get; }

    /// <summary>Makes an input and reads it. Exceptions other than clear errors leave.</summary>
    /// <param name="random">Where all choices come from.</param>
    /// <param name="cancellationToken">Cancelled when the bound of time is over.</param>
    FuzzVerdict Try(Random random, CancellationToken cancellationToken);
}
