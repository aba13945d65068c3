using System.Net;
using System.Security;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Clusters;

public sealed class ProfileSecretTests
{
    [Theory]
    [InlineData("vault/name", "vault", "name")]
    [InlineData("name", null, "name")]
    [InlineData("vault/path/of/name", "vault", "path/of/name")]
    public void A_reference_is_a_vault_and_a_name_or_a_name(string text, string? vault, string name) =>
        Assert.Equal(new SecretReference(vault, name), SecretReference.Parse(text));

    [Theory]
    [InlineData("/name")]
    [InlineData("vault/")]
    public void A_reference_without_one_of_its_parts_is_none(string text) => Assert.Null(SecretReference.Parse(text));

    [Fact]
    public void A_secret_of_a_cluster_takes_the_place_of_the_defaults_of_whichever_kind()
    {
        using var directory = new TempDirectory();
        var profile = Profile(
            directory,
            """
            defaults: {ssh: {passwordEnv: NOT_SET, sudoPasswordSecret: ops/sudo}}
            clusters: {a: {kubeconfig: kube.conf, ssh: {passwordSecret: ops/login}}}
            """
        );
        var asked = new List<string>();

        var cluster = EtcdClusterResolver.FromProfile(
            profile,
            "a",
            null,
            secret =>
            {
                asked.Add(secret.ToString());
                return Hidden(secret.Name);
            }
        );

        Assert.Equal(["ops/login", "ops/sudo"], asked);
        Assert.Equal("login", new NetworkCredential("", cluster.Ssh.Password).Password);
        Assert.Equal("sudo", new NetworkCredential("", cluster.Ssh.SudoPassword).Password);
    }

    [Fact]
    public void A_secret_that_was_given_is_asked_of_nobody()
    {
        using var directory = new TempDirectory();
        var profile = Profile(directory, "clusters: {a: {kubeconfig: kube.conf, ssh: {passwordSecret: login}}}");

        var cluster = EtcdClusterResolver.FromProfile(
            profile,
            "a",
            new ClusterSecrets { Password = Hidden("given") },
            _ => throw new InvalidOperationException()
        );

        Assert.Equal("given", new NetworkCredential("", cluster.Ssh.Password).Password);
    }

    [Fact]
    public void A_secret_in_two_places_is_told_by_its_line()
    {
        var error = Assert.Throws<EtcdDrException>(() =>
            EtcdProfile.Parse("/p/etcddr.yaml", "clusters:\n  a:\n    kubeconfig: k\n    ssh: {passwordEnv: A, passwordSecret: b}\n")
        );

        Assert.Equal("ProfileInvalid", error.ErrorId);
        Assert.Contains("'passwordEnv' and 'passwordSecret'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_New_EtcdProfile_writes_is_a_profile_whatever_the_names()
    {
        var text = ProfileTemplate.Write("true", "/kube: configs/a #1", "admin@k", "user name", "/keys/it's");

        var cluster = EtcdProfile.Parse("/p/etcddr.yaml", text).Cluster("true");

        Assert.Equal(
            ("/kube: configs/a #1", "admin@k", "user name", "/keys/it's"),
            (cluster.Kubeconfig.Path, cluster.Context, cluster.Ssh.Settings.User, cluster.Ssh.Settings.KeyFile)
        );
        Assert.Contains("# nodes:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", text, StringComparison.Ordinal);
    }

    private static EtcdProfile Profile(TempDirectory directory, string text)
    {
        File.WriteAllText(
            directory.At("kube.conf"),
            "{current-context: c, clusters: [{name: k, cluster: {server: 'https://127.0.0.1:1'}}], contexts: [{name: c, context: "
                + "{cluster: k}}]}"
        );
        return EtcdProfile.Parse(directory.At("etcddr.yaml"), text);
    }

    private static SecureString Hidden(string text) => new NetworkCredential("", text).SecurePassword;
}
