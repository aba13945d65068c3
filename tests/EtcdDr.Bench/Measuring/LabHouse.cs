using EtcdDr.Lab;

namespace EtcdDr.Bench.Measuring;

/// <summary>Keeps one lab, so that scenarios that need the same follow each other without a new one.</summary>
internal sealed class LabHouse(Action<string> say) : IAsyncDisposable
{
    private LabOptions? _options;
    private Lab.Lab? _lab;

    /// <summary>A lab with these options: the one at hand if it has them, else a new one in its place.</summary>
    public async Task<Lab.Lab> GetAsync(LabOptions options, CancellationToken cancellationToken)
    {
        var wanted = options with { Say = say };
        if (_lab is not null && _options == wanted)
        {
            return _lab;
        }

        await DisposeAsync();
        _lab = await Lab.Lab.UpAsync(wanted, cancellationToken);
        _options = wanted;
        return _lab;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
            _lab = null;
        }
    }
}
