namespace EtcdDr.Lab.Nodes;

/// <summary>What all nodes of a lab share.</summary>
/// <param name="LabDirectory">The lab's directory.</param>
/// <param name="BootScript">Path of boot.sh on this machine.</param>
/// <param name="App">Directory of the lab's program.</param>
/// <param name="Dotnet">Directory of the .NET runtime.</param>
/// <param name="Images">Directory of container images.</param>
internal sealed record NodeEnvironment(string LabDirectory, string BootScript, string App, string Dotnet, string Images);
