namespace EtcdDr;

/// <summary>A pod as a restore's report shows it.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Ready">Ready containers of all, for example <c>1/1</c>.</param>
/// <param name="Status">Its phase, or the reason why a container waits.</param>
/// <param name="Restarts">Restarts of all containers.</param>
/// <param name="Node">The node that it runs on.</param>
/// <param name="Created">When it was made, UTC.</param>
public sealed record RestorePod(string Namespace, string Name, string Ready, string Status, int Restarts, string? Node, DateTime? Created)
{
    /// <inheritdoc/>
    public override string ToString() => ObjectText.Of(this);
}
