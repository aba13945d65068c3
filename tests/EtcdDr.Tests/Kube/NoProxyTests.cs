using EtcdDr.Engine.Kube;

namespace EtcdDr.Tests.Kube;

public sealed class NoProxyTests
{
    [Theory]
    [InlineData(null, "https://k8s.example.test:6443", false)]
    [InlineData("", "https://k8s.example.test:6443", false)]
    [InlineData("*", "https://k8s.example.test:6443", true)]
    [InlineData("other.test, example.test", "https://k8s.example.test:6443", true)]
    [InlineData("K8S.example.test", "https://k8s.example.test:6443", true)]
    [InlineData(".example.test", "https://k8s.example.test:6443", true)]
    [InlineData("*.example.test", "https://k8s.example.test:6443", true)]
    [InlineData(".example.test", "https://example.test:6443", false)]
    [InlineData("ample.test", "https://k8s.example.test:6443", false)]
    [InlineData("example.test:6443", "https://k8s.example.test:6443", true)]
    [InlineData("example.test:443", "https://k8s.example.test:6443", false)]
    [InlineData("10.0.0.0/8", "https://10.20.30.40:6443", true)]
    [InlineData("10.0.0.0/8", "https://11.20.30.40:6443", false)]
    [InlineData("10.0.0.0/8", "https://k8s.example.test:6443", false)]
    [InlineData("10.20.30.40", "https://10.20.30.40:6443", true)]
    [InlineData("10.20.30.40:6443", "https://10.20.30.40:6443", true)]
    [InlineData("fd00::/8", "https://[fd00::1]:6443", true)]
    [InlineData("[fd00::1]:6443", "https://[fd00::1]:6443", true)]
    [InlineData(null, "https://127.0.0.1:6443", true)]
    [InlineData(null, "https://localhost:6443", true)]
    public void Servers_are_reached_directly_as_kubectl_reads_the_variable(string? list, string server, bool covered) =>
        Assert.Equal(covered, NoProxy.Covers(list, new Uri(server)));
}
