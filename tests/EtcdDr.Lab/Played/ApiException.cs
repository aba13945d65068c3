using System.Net;

namespace EtcdDr.Lab.Played;

/// <summary>The API answered with a Status that is a failure.</summary>
internal sealed class ApiException(HttpStatusCode code, string message) : Exception(message)
{
    public HttpStatusCode Code { get; } = code;
}
