using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// Reads a page of a Kubernetes list object by object, so that memory holds one object and not the page: 500 config maps can be 500 MB.
/// </summary>
internal sealed class KubeListReader(Stream source) : IDisposable
{
    private const int Buffer = 64 * 1024;
    private const int LargestObject = 256 * 1024 * 1024;

    private readonly PipeReader _source = PipeReader.Create(source, new StreamPipeReaderOptions(bufferSize: Buffer));
    private bool _insideItems;
    private bool _finished;
    private string? _property;
    private JsonReaderState _state;

    /// <summary>Token of the next page; null where this is the last. Known once all objects are read.</summary>
    public string? Continue { get; private set; }

    /// <summary>Resource version of the list. Known once all objects are read.</summary>
    public string? ResourceVersion { get; private set; }

    /// <summary>The next object; null at the end.</summary>
    /// <exception cref="JsonException">The text is not a list.</exception>
    public async Task<JsonObject?> NextAsync(CancellationToken cancellationToken)
    {
        var wanted = 1;
        while (!_finished)
        {
            var read = await _source.ReadAtLeastAsync(wanted, cancellationToken);
            if (TryRead(read.Buffer, read.IsCompleted, out var consumed, out var item))
            {
                _source.AdvanceTo(consumed);
                wanted = 1;
                if (item is not null)
                {
                    return item;
                }

                continue;
            }

            if (read.IsCompleted || read.Buffer.Length > LargestObject)
            {
                throw new JsonException(
                    read.IsCompleted ? Errors.KubeApiError_ListCut_Part : Errors.KubeApiError_ObjectTooLarge_Part.With(LargestObject)
                );
            }

            // Twice what is at hand before the next try, so that a large object is parsed a few times and not once per packet.
            wanted = 2 * (int)read.Buffer.Length;
            _source.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        return null;
    }

    public void Dispose() => _source.Complete();

    // Reads one token or value; false if the buffer holds no whole one.
    private bool TryRead(ReadOnlySequence<byte> buffer, bool isLast, out SequencePosition consumed, out JsonObject? item)
    {
        item = null;
        var reader = new Utf8JsonReader(buffer, isLast, _state);
        var isWhole = TryReadOne(ref reader, ref item);
        consumed = isWhole ? reader.Position : buffer.Start;
        _state = isWhole ? reader.CurrentState : _state;
        return isWhole;
    }

    private bool TryReadOne(ref Utf8JsonReader reader, ref JsonObject? item)
    {
        // Values are taken whole, so the property name before them must not be consumed before the value is there; the state is kept in
        // _property.
        if (!reader.Read())
        {
            return false;
        }

        if (_insideItems)
        {
            return TryReadItem(ref reader, ref item);
        }

        if (_property is { } property)
        {
            return TryReadValue(ref reader, property);
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject when reader.CurrentDepth == 0:
                return true;
            case JsonTokenType.PropertyName:
                _property = reader.GetString();
                return true;
            case JsonTokenType.EndObject:
                _finished = true;
                return true;
            default:
                throw new JsonException(Errors.KubeApiError_NoList_Part);
        }
    }

    private bool TryReadItem(ref Utf8JsonReader reader, ref JsonObject? item)
    {
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            _insideItems = false;
            return true;
        }

        if (!JsonDocument.TryParseValue(ref reader, out var document))
        {
            return false;
        }

        using (document)
        {
            item = JsonObject.Create(document.RootElement.Clone()) ?? throw new JsonException(Errors.KubeApiError_Member_Part);
        }

        return true;
    }

    private bool TryReadValue(ref Utf8JsonReader reader, string property)
    {
        if (property == "items" && reader.TokenType == JsonTokenType.StartArray)
        {
            _insideItems = true;
            _property = null;
            return true;
        }

        if (!JsonDocument.TryParseValue(ref reader, out var document))
        {
            return false;
        }

        using (document)
        {
            if (property == "metadata" && document.RootElement.ValueKind == JsonValueKind.Object)
            {
                Continue = Text(document.RootElement, "continue");
                ResourceVersion = Text(document.RootElement, "resourceVersion");
            }
        }

        _property = null;
        return true;
    }

    private static string? Text(JsonElement metadata, string name) =>
        metadata.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : null;
}
