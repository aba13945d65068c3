using Amazon.Runtime;

namespace EtcdDr.Engine.Snapshots.Places.Objects.S3;

/// <summary>Makes the HTTP clients that the SDK sends with.</summary>
internal sealed class S3HttpClients(string? caFile, string place) : HttpClientFactory
{
    /// <inheritdoc/>
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
        new(PlaceHttp.Handler(caFile, place), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };

    /// <inheritdoc/>
    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    /// <inheritdoc/>
    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
}
