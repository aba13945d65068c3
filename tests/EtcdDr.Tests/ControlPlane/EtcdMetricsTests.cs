using System.Net;
using System.Net.Sockets;
using System.Text;
using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.ControlPlane;

[Collection(ProcessWideCollection.Name)]
public class EtcdMetricsTests
{
    [Fact]
    public async Task What_is_forwarded_to_this_machine_is_not_asked_of_a_proxy()
    {
        using var member = new TcpListener(IPAddress.Loopback, 0);
        member.Start();
        var answering = AnswerOnceAsync(member);
        var proxy = HttpClient.DefaultProxy;
        try
        {
            // Nobody listens on the discard port.
            HttpClient.DefaultProxy = new WebProxy("http://127.0.0.1:9", BypassOnLocal: false);
            using var client = EtcdMetrics.ClientOf(new Forward(((IPEndPoint)member.LocalEndpoint).Port));

            Assert.Equal("well", await client.GetStringAsync("/health"));
        }
        finally
        {
            HttpClient.DefaultProxy = proxy;
        }

        await answering;
    }

    [Theory]
    [InlineData("http://[::1]:2381", "::1")]
    [InlineData("http://127.0.0.1:2381", "127.0.0.1")]
    [InlineData("http://0.0.0.0:2381", "127.0.0.1")]
    [InlineData("http://[::]:2381", "::1")]
    public void Metrics_are_read_at_the_address_that_a_forward_can_dial(string url, string address) =>
        Assert.Equal(address, EtcdMetrics.AddressOf(new Uri(url)));

    private static async Task AnswerOnceAsync(TcpListener listener)
    {
        using var caller = await listener.AcceptTcpClientAsync();
        await using var stream = caller.GetStream();
        _ = await stream.ReadAsync(new byte[4096]);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwell"));
    }

    private sealed class Forward(int port) : IForwardedPort
    {
        public int Port => port;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
