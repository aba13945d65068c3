using System.Security;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Asks a vault for a secret. The engine knows no PowerShell, and vaults are PowerShell's.</summary>
/// <param name="secret">Which.</param>
/// <returns>The secret.</returns>
/// <exception cref="EtcdDrException"><c>SecretCommandNotFound</c>, <c>SecretNotFound</c>, <c>SecretUnusable</c>.</exception>
public delegate SecureString SecretLookup(SecretReference secret);
