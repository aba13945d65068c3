using System.Runtime.CompilerServices;

namespace EtcdDr.Engine.Objects.Sources;

/// <summary>Objects out of files that fit a question.</summary>
/// <param name="fail">Is told of a file that cannot be read; the others go on.</param>
public sealed class FileSource(Action<EtcdDrException> fail)
{
    /// <summary>Reads the objects that are wanted.</summary>
    /// <param name="path">A file, a directory or an archive.</param>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EtcdDrException"><c>LabelSelectorInvalid</c>.</exception>
    public async IAsyncEnumerable<KubeObject> ReadAsync(
        string path,
        ObjectQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var labels = query.LabelSelector is { } text ? LabelSelector.Parse(text) : null;
        await foreach (var item in new ManifestSource(fail).ReadAsync(path, cancellationToken))
        {
            if (query.WantsOfFile(item, labels))
            {
                yield return item;
            }
        }
    }
}
