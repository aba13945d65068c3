using EtcdDr.Engine.Kube;

namespace EtcdDr.Tests.Kube;

public sealed class KubeconfigTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-kubeconfig-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Contexts_are_found_by_their_exact_name_and_the_current_one_without_a_name()
    {
        var kubeconfig = Load(Valid);

        Assert.Equal(["a", "A"], kubeconfig.Contexts);
        Assert.Equal("https://one:6443/", kubeconfig.Context(null).Server.ToString());
        Assert.Equal("https://two:6443/", kubeconfig.Context("A").Server.ToString());
        Assert.Equal("socks5://proxy:1080/", kubeconfig.Context("A").Proxy!.ToString());
    }

    [Fact]
    public void A_context_that_is_not_there_is_an_error_that_lists_those_that_are()
    {
        var error = Assert.Throws<EtcdDrException>(() => Load(Valid).Context("b"));

        Assert.Equal("KubeContextNotFound", error.ErrorId);
        Assert.Contains("'b'", error.Message, StringComparison.Ordinal);
        Assert.Contains("a, A", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_error_and_nothing_else_is_read_in_its_place()
    {
        var path = Path.Combine(_directory, "none.conf");

        var error = Assert.Throws<EtcdDrException>(() => Kubeconfig.Load(path));

        Assert.Equal("KubeconfigNotFound", error.ErrorId);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("a: [", "line ")]
    [InlineData("a: 1\na: 2", "line 2")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {cluster: x}}]", "'x', which is not there")]
    [InlineData("current-context: a\ncontexts: [{name: a, context: {}}]", "names no cluster")]
    [InlineData(
        "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: 'https://s'}}]",
        "user 'u'"
    )]
    [InlineData(
        "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters:\n- name: c\n  cluster: {server: 'ftp://s'}",
        "line 5"
    )]
    [InlineData(
        "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://s', "
            + "certificate-authority-data: '***'}}]",
        "not base64"
    )]
    [InlineData(
        "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://s', "
            + "certificate-authority: ca.crt}}]",
        "ca.crt"
    )]
    public void What_cannot_be_used_is_an_error_that_names_the_file_and_the_cause(string text, string cause)
    {
        var error = Assert.Throws<EtcdDrException>(() => Load(text).Context(null));

        Assert.Equal("KubeconfigInvalid", error.ErrorId);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
        Assert.Contains(_directory, error.Message, StringComparison.Ordinal);
    }

    private const string Valid = """
        current-context: a
        contexts:
        - {name: a, context: {cluster: one}}
        - {name: A, context: {cluster: two}}
        clusters:
        - {name: one, cluster: {server: "https://one:6443"}}
        - {name: two, cluster: {server: "https://two:6443", proxy-url: "socks5://proxy:1080"}}
        """;

    private Kubeconfig Load(string text)
    {
        var path = Path.Combine(_directory, "config");
        File.WriteAllText(path, text);
        return Kubeconfig.Load(path);
    }
}
