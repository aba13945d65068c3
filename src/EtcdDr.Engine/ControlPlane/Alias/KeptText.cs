namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>A text of the API that a node keeps.</summary>
/// <param name="Name">The name under which it is kept.</param>
/// <param name="Written">SHA-256 of what took its place.</param>
/// <param name="Text">The text.</param>
internal sealed record KeptText(string Name, string Written, string Text);
