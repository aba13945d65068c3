namespace EtcdDr.Lab.FrontEnd;

/// <summary>A cluster's front end.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Port">On which port.</param>
/// <param name="Host">Name that the apiservers' certificates hold.</param>
/// <param name="CaFile">The cluster's CA.</param>
/// <param name="Backends">Addresses of the apiservers.</param>
internal sealed record FrontEndSettings(string Address, int Port, string Host, string CaFile, IReadOnlyList<string> Backends);
