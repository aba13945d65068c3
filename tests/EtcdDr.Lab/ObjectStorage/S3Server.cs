using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EtcdDr.Lab.ObjectStorage;

/// <summary>
/// A small strict S3 server with one bucket, in memory: what the module asks of S3, each request's signature and sums checked, and faults
/// on order. What it does not know it refuses, so that the module asks for nothing new without somebody noticing. A real server is
/// Ceph (<c>CephGateway</c>); this one stands in where a server is to fail.
/// </summary>
internal sealed class S3Server : IAsyncDisposable
{
    /// <summary>The bucket.</summary>
    public const string Bucket = "backups";

    /// <summary>The account.</summary>
    public const string AccessKey = "LABKEY";

    /// <summary>Its secret, of this lab only.</summary>
    public const string SecretKey = "lab-secret";

    private const int SmallestPart = 5 * 1024 * 1024;
    private const int MostKeys = 1000;
    private static readonly XNamespace Xml = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly WebApplication _server;
    private readonly S3Signature _signature;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, S3Object> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, S3Upload> _uploads = new(StringComparer.Ordinal);

    private S3Server(WebApplication server, TimeProvider time, string? token)
    {
        _server = server;
        _time = time;
        _signature = new S3Signature(AccessKey, SecretKey, token, time);
    }

    /// <summary>Its address.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Whether conditions of writes are passed over, as some servers do.</summary>
    public bool IgnoresConditions { get; set; }

    /// <summary>Whether the sums of parts are told in listings; older servers do not.</summary>
    public bool TellsSums { get; set; } = true;

    /// <summary>How long a listing takes.</summary>
    public TimeSpan ListingTakes { get; set; }

    /// <summary>Decides what a request meets; asked once for each.</summary>
    public Func<S3Call, S3Fault> Faults { get; set; } = _ => S3Fault.None;

    /// <summary>The requests so far.</summary>
    public ConcurrentQueue<S3Call> Calls { get; } = new();

    /// <summary>What it holds.</summary>
    public IReadOnlyDictionary<string, S3Object> Objects
    {
        get
        {
            lock (_lock)
            {
                return new Dictionary<string, S3Object>(_objects, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>How many uploads in parts were begun and not ended.</summary>
    public int OpenUploads
    {
        get
        {
            lock (_lock)
            {
                return _uploads.Count;
            }
        }
    }

    /// <summary>Starts one on loopback.</summary>
    public static async Task<S3Server> StartAsync(TimeProvider? time = null, string? token = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, port);
            k.Limits.MaxRequestBodySize = 256L * 1024 * 1024;
        });
        var app = builder.Build();
        var server = new S3Server(app, time ?? TimeProvider.System, token);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Endpoint = new Uri(address);
        return server;
    }

    /// <summary>Puts an object there, as another tool would.</summary>
    public void Plant(string key, byte[] content)
    {
        lock (_lock)
        {
            _objects[key] = Stored(content);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
    }

    private static S3Object Stored(byte[] content)
    {
#pragma warning disable CA5351 // S3's ETag is an MD5.
        return new S3Object(content, Convert.ToHexStringLower(MD5.HashData(content)), DateTime.UtcNow);
#pragma warning restore CA5351
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.Date = _time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        try
        {
            var body = await BodyAsync(request);
            var call = CallOf(request);
            Calls.Enqueue(call);
            var fault = Faults(call);
            Fail(context, fault);
            _signature.Check(request, body);
            CheckSum(request, body);
            if (call.Operation.StartsWith("List", StringComparison.Ordinal) && ListingTakes > TimeSpan.Zero)
            {
                await Task.Delay(ListingTakes, context.RequestAborted);
            }

            var content = Do(call, request, response, body);
            if (fault == S3Fault.CutAnswer)
            {
                context.Abort();
                return;
            }

            response.ContentLength = content.Length;
            if (fault == S3Fault.HalfAnswer)
            {
                await response.Body.WriteAsync(content.AsMemory(0, content.Length / 2));
                await response.Body.FlushAsync();
                context.Abort();
                return;
            }

            if (request.Method != "HEAD" && content.Length > 0)
            {
                await response.Body.WriteAsync(content);
            }
        }
        catch (S3Error error)
        {
            await TellAsync(request, response, error);
        }
    }

    private static void Fail(HttpContext context, S3Fault fault)
    {
        switch (fault)
        {
            case S3Fault.SlowDown:
                throw new S3Error(503, "SlowDown", "Please reduce your request rate.");
            case S3Fault.WrongSum:
                throw new S3Error(400, "BadDigest", "The checksum you specified did not match what we received.");
            case S3Fault.Expired:
                throw new S3Error(403, "ExpiredToken", "The provided token has expired.");
            case S3Fault.Full:
                throw new S3Error(403, "QuotaExceeded", "The quota of the bucket is exceeded.");
            case S3Fault.Denied:
                throw new S3Error(403, "AccessDenied", "Access Denied.");
            case S3Fault.Cut:
                context.Abort();
                throw new S3Error(500, "InternalError", "Cut.");
        }
    }

    private static async Task<byte[]> BodyAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private static void CheckSum(HttpRequest request, byte[] body)
    {
        var told = request.Headers["x-amz-checksum-sha256"].ToString();
        if (told.Length > 0 && told != Convert.ToBase64String(SHA256.HashData(body)))
        {
            throw new S3Error(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.");
        }
    }

    private static S3Call CallOf(HttpRequest request)
    {
        var parts = request.Path.Value!.TrimStart('/').Split('/', 2);
        if (parts[0] != Bucket)
        {
            return new S3Call("OtherBucket", string.Empty);
        }

        var key = parts.Length > 1 ? parts[1] : string.Empty;
        var query = request.Query;
        var operation = (request.Method, key.Length > 0) switch
        {
            ("GET", false) when query.ContainsKey("uploads") => "ListMultipartUploads",
            ("GET", false) when query["list-type"] == "2" => "ListObjectsV2",
            ("POST", true) when query.ContainsKey("uploads") => "CreateMultipartUpload",
            ("POST", true) when query.ContainsKey("uploadId") => "CompleteMultipartUpload",
            ("PUT", true) when query.ContainsKey("uploadId") => "UploadPart",
            ("GET", true) when query.ContainsKey("uploadId") => "ListParts",
            ("DELETE", true) when query.ContainsKey("uploadId") => "AbortMultipartUpload",
            ("PUT", true) => "PutObject",
            ("GET", true) => "GetObject",
            ("HEAD", true) => "HeadObject",
            ("DELETE", true) => "DeleteObject",
            _ => "Unknown",
        };
        return new S3Call(operation, key);
    }

    private byte[] Do(S3Call call, HttpRequest request, HttpResponse response, byte[] body)
    {
        lock (_lock)
        {
            return call.Operation switch
            {
                "ListObjectsV2" => ListObjects(request),
                "ListMultipartUploads" => ListUploads(request),
                "CreateMultipartUpload" => Create(call.Key),
                "UploadPart" => PutPart(request, response, call.Key, body),
                "ListParts" => ListParts(request, call.Key),
                "CompleteMultipartUpload" => Complete(request, call.Key, body),
                "AbortMultipartUpload" => Abort(request, response, call.Key),
                "PutObject" => Put(request, response, call.Key, body),
                "GetObject" or "HeadObject" => Get(request, response, call.Key),
                "DeleteObject" => Delete(response, call.Key),
                "OtherBucket" => throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist."),
                _ => throw new S3Error(501, "NotImplemented", $"{request.Method} {request.QueryString} is not known here."),
            };
        }
    }

    private byte[] ListObjects(HttpRequest request)
    {
        var prefix = request.Query["prefix"].ToString();
        var after = request.Query["continuation-token"].ToString();
        var most = request.Query["max-keys"].ToString() is { Length: > 0 } keys ? int.Parse(keys, CultureInfo.InvariantCulture) : MostKeys;
        most = Math.Min(most, MostKeys);
        var found = _objects
            .Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(o.Key, after) > 0)
            .Take(most + 1)
            .ToList();
        var more = found.Count > most;
        return Document(
            "ListBucketResult",
            new XElement(Xml + "IsTruncated", more),
            more ? new XElement(Xml + "NextContinuationToken", found[most - 1].Key) : null,
            Encoding(request),
            found
                .Take(most)
                .Select(o => new XElement(
                    Xml + "Contents",
                    new XElement(Xml + "Key", Encoded(request, o.Key)),
                    new XElement(Xml + "LastModified", Stamp(o.Value.Modified)),
                    new XElement(Xml + "ETag", $"\"{o.Value.Tag}\""),
                    new XElement(Xml + "Size", o.Value.Content.LongLength)
                ))
        );
    }

    private byte[] ListUploads(HttpRequest request)
    {
        var prefix = request.Query["prefix"].ToString();
        return Document(
            "ListMultipartUploadsResult",
            new XElement(Xml + "IsTruncated", false),
            Encoding(request),
            _uploads
                .Values.Where(u => u.Key.StartsWith(prefix, StringComparison.Ordinal))
                .Select(u => new XElement(
                    Xml + "Upload",
                    new XElement(Xml + "Key", Encoded(request, u.Key)),
                    new XElement(Xml + "UploadId", u.Id),
                    new XElement(Xml + "Initiated", Stamp(u.Begun))
                ))
        );
    }

    private byte[] Create(string key)
    {
        var upload = new S3Upload(Guid.NewGuid().ToString("N"), key, DateTime.UtcNow);
        _uploads[upload.Id] = upload;
        return Document(
            "InitiateMultipartUploadResult",
            new XElement(Xml + "Bucket", Bucket),
            new XElement(Xml + "Key", key),
            new XElement(Xml + "UploadId", upload.Id)
        );
    }

    private byte[] PutPart(HttpRequest request, HttpResponse response, string key, byte[] body)
    {
        var part = Stored(body);
        Upload(request, key).Parts[int.Parse(request.Query["partNumber"].ToString(), CultureInfo.InvariantCulture)] = part;
        response.Headers.ETag = $"\"{part.Tag}\"";
        return [];
    }

    private byte[] ListParts(HttpRequest request, string key) =>
        Document(
            "ListPartsResult",
            new XElement(Xml + "IsTruncated", false),
            Upload(request, key)
                .Parts.Select(p => new XElement(
                    Xml + "Part",
                    new XElement(Xml + "PartNumber", p.Key),
                    new XElement(Xml + "LastModified", Stamp(p.Value.Modified)),
                    new XElement(Xml + "ETag", $"\"{p.Value.Tag}\""),
                    new XElement(Xml + "Size", p.Value.Content.LongLength),
                    TellsSums ? new XElement(Xml + "ChecksumSHA256", Convert.ToBase64String(SHA256.HashData(p.Value.Content))) : null
                ))
        );

    private byte[] Complete(HttpRequest request, string key, byte[] body)
    {
        var upload = Upload(request, key);
        CheckCondition(request, key);
        using var text = new MemoryStream(body);
        var asked = XDocument.Load(text).Root!.Elements().Where(e => e.Name.LocalName == "Part").ToList();
        using var content = new MemoryStream();
        var last = 0;
        foreach (var part in asked)
        {
            string? Value(string name) => part.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value;
            var number = int.Parse(Value("PartNumber")!, CultureInfo.InvariantCulture);
            if (number <= last)
            {
                throw new S3Error(400, "InvalidPartOrder", "The list of parts was not in ascending order.");
            }

            if (!upload.Parts.TryGetValue(number, out var there) || there.Tag != Value("ETag")!.Trim('"'))
            {
                throw new S3Error(400, "InvalidPart", "One or more of the specified parts could not be found.");
            }

            if (Value("ChecksumSHA256") is { } sum && sum != Convert.ToBase64String(SHA256.HashData(there.Content)))
            {
                throw new S3Error(400, "InvalidPart", "The checksum of a part is another.");
            }

            if (there.Content.Length < SmallestPart && part != asked[^1])
            {
                throw new S3Error(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.");
            }

            content.Write(there.Content);
            last = number;
        }

        var whole = Stored(content.ToArray());
        _objects[key] = whole with { Tag = $"{whole.Tag}-{asked.Count}" };
        _uploads.Remove(upload.Id);
        return Document(
            "CompleteMultipartUploadResult",
            new XElement(Xml + "Bucket", Bucket),
            new XElement(Xml + "Key", key),
            new XElement(Xml + "ETag", $"\"{_objects[key].Tag}\"")
        );
    }

    private byte[] Abort(HttpRequest request, HttpResponse response, string key)
    {
        _uploads.Remove(Upload(request, key).Id);
        response.StatusCode = 204;
        return [];
    }

    private byte[] Put(HttpRequest request, HttpResponse response, string key, byte[] body)
    {
        if (request.Headers.ContainsKey("x-amz-copy-source"))
        {
            throw new S3Error(501, "NotImplemented", "Copies are not known here.");
        }

        CheckCondition(request, key);
        var stored = Stored(body);
        _objects[key] = stored;
        response.Headers.ETag = $"\"{stored.Tag}\"";
        return [];
    }

    private byte[] Get(HttpRequest request, HttpResponse response, string key)
    {
        if (!_objects.TryGetValue(key, out var stored))
        {
            throw new S3Error(404, "NoSuchKey", "The specified key does not exist.");
        }

        if (request.Headers.IfMatch.ToString() is { Length: > 0 } tag && tag.Trim('"') != stored.Tag)
        {
            throw new S3Error(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.");
        }

        response.Headers.ETag = $"\"{stored.Tag}\"";
        response.Headers.LastModified = stored.Modified.ToString("R", CultureInfo.InvariantCulture);
        if (request.Headers.Range.ToString() is not { Length: > 0 } range)
        {
            return stored.Content;
        }

        var ends = range["bytes=".Length..].Split('-');
        var from = long.Parse(ends[0], CultureInfo.InvariantCulture);
        var to = ends[1].Length > 0 ? long.Parse(ends[1], CultureInfo.InvariantCulture) + 1 : stored.Content.LongLength;
        to = Math.Min(to, stored.Content.LongLength);
        if (from >= stored.Content.LongLength)
        {
            throw new S3Error(416, "InvalidRange", "The requested range is not satisfiable.");
        }

        response.StatusCode = 206;
        response.Headers.ContentRange = $"bytes {from}-{to - 1}/{stored.Content.LongLength}";
        return stored.Content[(int)from..(int)to];
    }

    private byte[] Delete(HttpResponse response, string key)
    {
        _objects.Remove(key);
        response.StatusCode = 204;
        return [];
    }

    private S3Upload Upload(HttpRequest request, string key) =>
        _uploads.TryGetValue(request.Query["uploadId"].ToString(), out var upload) && upload.Key == key
            ? upload
            : throw new S3Error(404, "NoSuchUpload", "The specified upload does not exist.");

    private void CheckCondition(HttpRequest request, string key)
    {
        if (request.Headers.IfNoneMatch == "*" && !IgnoresConditions && _objects.ContainsKey(key))
        {
            throw new S3Error(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.");
        }
    }

    private static XElement? Encoding(HttpRequest request) =>
        request.Query["encoding-type"] == "url" ? new XElement(Xml + "EncodingType", "url") : null;

    // As S3 does: a slash stays, a space becomes a plus.
    private static string Encoded(HttpRequest request, string key) =>
        request.Query["encoding-type"] == "url" ? WebUtility.UrlEncode(key).Replace("%2F", "/", StringComparison.Ordinal) : key;

    private static string Stamp(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static byte[] Document(string name, params object?[] content) =>
        System.Text.Encoding.UTF8.GetBytes(new XDocument(new XElement(Xml + name, content)).ToString());

    private static async Task TellAsync(HttpRequest request, HttpResponse response, S3Error error)
    {
        response.StatusCode = error.Status;
        response.ContentType = "application/xml";
        if (request.Method != "HEAD")
        {
            var text = new XDocument(new XElement("Error", new XElement("Code", error.Code), new XElement("Message", error.Message)));
            await response.WriteAsync(text.ToString());
        }
    }
}
