using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube;

/// <summary>
/// Reads a page of a Kubernetes list object by object, so that memory holds one object and not the page: 500 config maps can be 500 MB.
/// </summary>
internal sealed class KubeListReader : IDisposable
{
    private const int FirstBuffer = 64 * 1024;
    private const int LargestObject = 256 * 1024 * 1024;

    private readonly Stream _source;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int _start;
    private int _length;
    private bool _ended;
    private bool _wantsMore;
    private bool _insideItems;
    private bool _finished;
    private string? _property;
    private JsonReaderState _state;

    public KubeListReader(Stream source) => _source = source;

    /// <summary>Token of the next page; null where this is the last. Known once all objects are read.</summary>
    public string? Continue { get; private set; }

    /// <summary>Resource version of the list. Known once all objects are read.</summary>
    public string? ResourceVersion { get; private set; }

    /// <summary>The next object; null at the end.</summary>
    /// <exception cref="JsonException">The text is not a list.</exception>
    public async Task<JsonObject?> NextAsync(CancellationToken cancellationToken)
    {
        while (!_finished)
        {
            if (TryRead(out var item))
            {
                if (item is not null)
                {
                    return item;
                }

                continue;
            }

            await FillAsync(cancellationToken);
        }

        return null;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    // Reads one token or value; false if the buffer holds no whole one.
    private bool TryRead(out JsonObject? item)
    {
        item = null;
        if (_wantsMore && !_ended)
        {
            return false;
        }

        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _length), _ended, _state);
        if (!TryReadOne(ref reader, ref item))
        {
            _wantsMore = true;
            return _ended ? throw new JsonException(Errors.KubeApiError_ListCut_Part) : false;
        }

        _start += (int)reader.BytesConsumed;
        _length -= (int)reader.BytesConsumed;
        _state = reader.CurrentState;
        return true;
    }

    private bool TryReadOne(ref Utf8JsonReader reader, ref JsonObject? item)
    {
        // Values are taken whole, so the property name before them must not be consumed before the value is there; the state is kept in _property.
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
        metadata.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    // Doubles what is at hand before the next try, so that a large object is parsed a few times and not once per packet.
    private async Task FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        var wanted = Math.Min(_length + Math.Max(_length, 4096), _buffer.Length);
        while (_length < wanted)
        {
            var read = await _source.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            if (read == 0)
            {
                _ended = true;
                break;
            }

            _length += read;
        }

        _wantsMore = false;
    }

    private void MakeRoom()
    {
        if (_length * 2 <= _buffer.Length)
        {
            _buffer.AsSpan(_start, _length).CopyTo(_buffer);
            _start = 0;
            return;
        }

        if (_length > LargestObject)
        {
            throw new JsonException(Errors.KubeApiError_ObjectTooLarge_Part.With(LargestObject));
        }

        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(_start, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        _start = 0;
    }
}
