using EtcdDr.Engine.Ssh.Config;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Ssh;

public sealed class GlobTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*.conf", "a.conf", true)]
    [InlineData("*.conf", ".conf", false)]
    [InlineData(".*", ".conf", true)]
    [InlineData("?", ".", false)]
    [InlineData("[.]a", ".a", false)]
    [InlineData("[ab]*", "bc", true)]
    [InlineData("[!ab]*", "bc", false)]
    [InlineData("[^ab]*", "cc", true)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[]a]x", "]x", true)]
    [InlineData("[a", "[a", true)]
    [InlineData("[[:digit:]x]-*", "7-", true)]
    [InlineData("[[:digit:]]", "a", false)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "a", false)]
    [InlineData("a*b*c", "aXbXbc", true)]
    [InlineData("a*b*c", "aXbX", false)]
    public void Names_match_as_fnmatch_matches_them(string pattern, string name, bool matches) =>
        Assert.Equal(matches, new GlobPattern(pattern).Matches(name));

    [Fact]
    public void Wildcards_hold_in_every_part_of_the_path_and_hidden_names_are_not_found()
    {
        foreach (var file in new[] { "b/hosts", "a/hosts", ".git/hosts", "a/other", "c" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_directory.At(file))!);
            File.WriteAllText(_directory.At(file), "");
        }

        Assert.Equal([_directory.At("a", "hosts"), _directory.At("b", "hosts")], Glob.Find(_directory.At("*", "hosts")));
        Assert.Equal([_directory.At("c")], Glob.Find(_directory.At("c")));
        Assert.Empty(Glob.Find(_directory.At("d")));
        Assert.Empty(Glob.Find(_directory.At("c", "*")));
    }
}
