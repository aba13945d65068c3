using System.Security.Cryptography;
using System.Text;
using EtcdDr.Engine.Ssh.HostKeys;

namespace EtcdDr.Tests.Ssh;

public sealed class KnownHostsTests
{
    private const string KeyA = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

    [Theory]
    [InlineData("node1", "node1", true)]
    [InlineData("node1", "NODE1", true)]
    [InlineData("NODE1,10.0.0.1", "10.0.0.1", true)]
    [InlineData("node1", "node11", false)]
    [InlineData("*.example.com", "a.example.com", true)]
    [InlineData("*.example.com,!b.example.com", "b.example.com", false)]
    [InlineData("!b.example.com,*.example.com", "b.example.com", false)]
    [InlineData("node?", "node1", true)]
    [InlineData("node?", "node10", false)]
    [InlineData("[node1]:2222", "[node1]:2222", true)]
    [InlineData("[node1]:2222", "node1", false)]
    [InlineData("[*]:2222", "[10.1.2.3]:2222", true)]
    [InlineData("*", "anything", true)]
    [InlineData("!*", "anything", false)]
    public void Patterns_match_as_in_OpenSSH(string hosts, string name, bool matches) =>
        Assert.Equal(matches, Entries($"{hosts} ssh-ed25519 {KeyA}").About(name).Count == 1);

    [Theory]
    [InlineData("node1")]
    [InlineData("[127.0.0.1]:2222")]
    public void Hashed_names_match_the_name_alone(string name)
    {
        var salt = RandomNumberGenerator.GetBytes(20);
#pragma warning disable CA5350 // The format's own algorithm.
        var hashed = $"|1|{Convert.ToBase64String(salt)}|{Convert.ToBase64String(HMACSHA1.HashData(salt, Encoding.UTF8.GetBytes(name)))}";
#pragma warning restore CA5350
        var known = Entries($"{hashed} ssh-ed25519 {KeyA}");
        Assert.Single(known.About(name));
        Assert.Empty(known.About("node2"));
    }

    [Fact]
    public void Markers_comments_and_tabs_are_read_with_their_lines()
    {
        var known = Entries(
            "# comment",
            "",
            $"@revoked\t* ssh-ed25519 {KeyA} old",
            $"@cert-authority *.x ssh-ed25519 {KeyA}",
            $"@unknown * ssh-ed25519 {KeyA}"
        );
        Assert.Equal(
            [(KnownHostMarker.Revoked, 3), (KnownHostMarker.CertificateAuthority, 4)],
            known.Entries.Select(entry => (entry.Marker, entry.Line))
        );
    }

    [Theory]
    [InlineData("node1")]
    [InlineData("node1 ssh-ed25519")]
    [InlineData("node1 ssh-ed25519 not*base64")]
    [InlineData("node1 ssh-ed25519 AAAA")]
    [InlineData("node1 ssh-ed25519 /////w==")]
    [InlineData("@revoked node1 ssh-ed25519")]
    [InlineData("|1|x|y ssh-ed25519 !")]
    public void Lines_that_cannot_be_read_are_passed_over(string line) => Assert.Empty(Entries(line).Entries);

    [Theory]
    [InlineData("|1||")]
    [InlineData("|1|AAAA")]
    [InlineData("|2|AAAA|AAAA")]
    [InlineData("|")]
    public void Broken_hashes_match_nothing(string hosts) => Assert.Empty(Entries($"{hosts} ssh-ed25519 {KeyA}").About("node1"));

    [Fact]
    public void Patterns_of_many_stars_are_matched_in_no_time() =>
        Assert.Empty(Entries($"{string.Concat(Enumerable.Repeat("*a", 500))}b ssh-ed25519 {KeyA}").About(new string('a', 5000)));

    private static KnownHosts Entries(params string[] lines)
    {
        var known = new KnownHosts();
        known.Add("known_hosts", lines);
        return known;
    }
}
