namespace EtcdDr.Engine.Kube;

/// <summary>What a request sends.</summary>
/// <param name="Text">JSON.</param>
/// <param name="MediaType">How the server is to take it.</param>
internal sealed record KubeBody(string Text, string MediaType);
