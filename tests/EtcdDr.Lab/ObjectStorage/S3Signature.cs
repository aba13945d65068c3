using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace EtcdDr.Lab.ObjectStorage;

/// <summary>
/// Checks AWS signature 4 as its description has it, of a header or of a presigned address: canonical request, scope, clock, and the
/// SHA-256 of the body. A body that is not signed, or signed in chunks, is refused: the module promises that every body is.
/// </summary>
internal sealed class S3Signature(string accessKey, string secretKey, string? token, TimeProvider time)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private static readonly TimeSpan LargestSkew = TimeSpan.FromMinutes(15);

    /// <summary>Checks a request whose body has been read.</summary>
    /// <exception cref="S3Error">What is wrong with it.</exception>
    public void Check(HttpRequest request, ReadOnlySpan<byte> body)
    {
        if (request.Query.ContainsKey("X-Amz-Signature"))
        {
            CheckPresigned(request);
            return;
        }

        var fields = Fields(request.Headers.Authorization.ToString());
        var credential = fields["Credential"].Split('/');
        var date = request.Headers["x-amz-date"].ToString();
        CheckClock(date);
        if (token is not null && request.Headers["x-amz-security-token"] != token)
        {
            throw new S3Error(403, "InvalidToken", "The provided token is malformed or otherwise invalid.");
        }

        var sum = request.Headers["x-amz-content-sha256"].ToString();
        if (sum != Convert.ToHexStringLower(SHA256.HashData(body)))
        {
            throw sum.Length == 64
                ? new S3Error(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match.")
                : new S3Error(501, "NotImplemented", $"A body that is signed as '{sum}' is not taken here.");
        }

        var signed = fields["SignedHeaders"].Split(';');
        foreach (var must in request.Headers.Keys.Select(k => k.ToLowerInvariant()).Where(k => k == "host" || k.StartsWith("x-amz-")))
        {
            if (!signed.Contains(must))
            {
                throw new S3Error(403, "AccessDenied", $"The header {must} is not signed.");
            }
        }

        Compare(request, credential, date, signed, sum, request.Query.Select(q => (q.Key, q.Value.ToString())), fields["Signature"]);
    }

    private void CheckPresigned(HttpRequest request)
    {
        var query = request.Query;
        var credential = query["X-Amz-Credential"].ToString().Split('/');
        var date = query["X-Amz-Date"].ToString();
        var until = Time(date).AddSeconds(int.Parse(query["X-Amz-Expires"].ToString(), CultureInfo.InvariantCulture));
        if (time.GetUtcNow() > until)
        {
            throw new S3Error(403, "AccessDenied", "Request has expired.");
        }

        var signed = query["X-Amz-SignedHeaders"].ToString().Split(';');
        var rest = query.Where(q => q.Key != "X-Amz-Signature").Select(q => (q.Key, q.Value.ToString()));
        Compare(request, credential, date, signed, "UNSIGNED-PAYLOAD", rest, query["X-Amz-Signature"].ToString());
    }

    private void Compare(
        HttpRequest request,
        string[] credential,
        string date,
        string[] signed,
        string sum,
        IEnumerable<(string Key, string Value)> query,
        string signature
    )
    {
        if (credential is not [var key, var day, var region, "s3", "aws4_request"] || !date.StartsWith(day, StringComparison.Ordinal))
        {
            throw new S3Error(400, "AuthorizationHeaderMalformed", "The credential's scope is wrong.");
        }

        if (key != accessKey)
        {
            throw new S3Error(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
        }

        var headers = string.Concat(signed.Select(h => $"{h}:{Header(request, h)}\n"));
        var sorted = query
            .Select(q => (Uri.EscapeDataString(q.Key), Uri.EscapeDataString(q.Value)))
            .OrderBy(q => q.Item1, StringComparer.Ordinal);
        var path = string.Join('/', request.Path.Value!.Split('/').Select(Uri.EscapeDataString));
        var canonical = string.Join(
            '\n',
            request.Method,
            path,
            string.Join('&', sorted.Select(q => $"{q.Item1}={q.Item2}")),
            headers,
            string.Join(';', signed),
            sum
        );
        var scope = $"{day}/{region}/s3/aws4_request";
        var text = string.Join('\n', Algorithm, date, scope, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
        var signing = new[] { day, region, "s3", "aws4_request" }.Aggregate(
            Encoding.UTF8.GetBytes("AWS4" + secretKey),
            (k, part) => HMACSHA256.HashData(k, Encoding.UTF8.GetBytes(part))
        );
        if (signature != Convert.ToHexStringLower(HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes(text))))
        {
            throw new S3Error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.");
        }
    }

    private static string Header(HttpRequest request, string name) =>
        name == "host" ? request.Host.Value! : string.Join(',', request.Headers[name].Select(v => v!.Trim()));

    private void CheckClock(string date)
    {
        if ((Time(date) - time.GetUtcNow()).Duration() > LargestSkew)
        {
            throw new S3Error(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.");
        }
    }

    private static DateTimeOffset Time(string date) =>
        DateTimeOffset.TryParseExact(
            date,
            "yyyyMMdd'T'HHmmss'Z'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var parsed
        )
            ? parsed
            : throw new S3Error(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header.");

    private static Dictionary<string, string> Fields(string header)
    {
        if (!header.StartsWith(Algorithm + " ", StringComparison.Ordinal))
        {
            throw new S3Error(403, "AccessDenied", "Anonymous access is forbidden.");
        }

        return header[Algorithm.Length..]
            .Split(',', StringSplitOptions.TrimEntries)
            .Select(f => f.Split('=', 2))
            .ToDictionary(f => f[0], f => f[1]);
    }
}
