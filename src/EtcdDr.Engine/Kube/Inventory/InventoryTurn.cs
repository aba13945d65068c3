namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>A kind's turn to write its records: after the kind before it, so that the same objects make the same file.</summary>
/// <param name="records">Where all kinds' records go.</param>
/// <param name="before">Ends when the kind before has written its own.</param>
internal sealed class InventoryTurn(Stream records, Task before)
{
    // What a kind may hold back while it is not its turn, bytes.
    private const int Limit = 1024 * 1024;

    /// <summary>Writes what is held back if it is much, and waits for the turn with it.</summary>
    public Task KeepSmallAsync(InventoryLines lines, CancellationToken cancellationToken) =>
        lines.Length < Limit ? Task.CompletedTask : WriteAsync(lines, cancellationToken);

    /// <summary>Writes what is held back when it is the kind's turn.</summary>
    public async Task WriteAsync(InventoryLines lines, CancellationToken cancellationToken)
    {
        await before.WaitAsync(cancellationToken);
        await lines.MoveToAsync(records, cancellationToken);
    }
}
