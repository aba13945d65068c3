using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Kube;

/// <summary>One page of a list while it is read. Moves the cursor when the page ends, expires or breaks.</summary>
internal sealed class KubeListPage(KubeTransport transport, string path, KubeListCursor cursor, HashSet<Guid> seen) : IDisposable
{
    private const int MaximumRestarts = 3;

    private KubeAnswer? _answer;
    private KubeListReader? _reader;

    /// <summary>The next object; null where the page has ended, in whatever way. The cursor says how to go on.</summary>
    public async Task<JsonObject?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_reader is null && !await OpenAsync(cancellationToken))
            {
                return null;
            }

            // The limit is for the server's silence, not for what the caller does with an object.
            _answer!.Extend(transport.Settings.RequestTimeout);
            while (await _reader!.NextAsync(_answer.Token) is { } item)
            {
                if (seen.Add(Identity(item)))
                {
                    _answer.Extend(Timeout.InfiniteTimeSpan);
                    return item;
                }
            }

            cursor.Continue = _reader.Continue;
            cursor.Done = cursor.Continue is null;
            cursor.Failures = 0;
            return null;
        }
        catch (Exception e) when (KubeTransport.IsNetworkFailure(e) || e is JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The page broke off: it is asked for again, and what came already is passed over.
            if (++cursor.Failures >= transport.Settings.Attempts || e is OperationCanceledException)
            {
                throw e is JsonException ? KubeErrors.BadAnswer(transport.DisplayName, KubeTransport.PathOnly(path), e.Message, e) : transport.Failure(path, e);
            }

            await Task.Delay(KubeRetry.Delay(transport.Settings, cursor.Failures, null), cancellationToken);
            return null;
        }
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _answer?.Dispose();
    }

    private async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        _answer = await transport.SendAsync(
            new KubeRequest(HttpMethod.Get, path) { Accepted = HttpStatusCode.Gone, Completion = HttpCompletionOption.ResponseHeadersRead }, cancellationToken);
        if (_answer.Response.StatusCode != HttpStatusCode.Gone)
        {
            _reader = new KubeListReader(await _answer.Response.Content.ReadAsStreamAsync(_answer.Token));
            return true;
        }

        var (token, message) = await KubeTransport.ReadStatusAsync(_answer);
        if (++cursor.Restarts > MaximumRestarts)
        {
            throw KubeErrors.FromStatus(transport.DisplayName, "GET", KubeTransport.PathOnly(path), HttpStatusCode.Gone, message);
        }

        cursor.Continue = string.IsNullOrEmpty(token) ? null : token;
        return false;
    }

    // A number for each object in place of its name keeps memory small: 16 bytes each.
    private static Guid Identity(JsonObject item)
    {
        var metadata = item["metadata"] as JsonObject;
        if (Guid.TryParse((string?)metadata?["uid"], out var uid))
        {
            return uid;
        }

        var key = Encoding.UTF8.GetBytes($"{(string?)metadata?["namespace"]}/{(string?)metadata?["name"]}");
        return new Guid(SHA256.HashData(key).AsSpan(0, 16));
    }
}
