using EtcdDr.Engine.ControlPlane.Alias;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.ControlPlane.Alias;

/// <summary>The scripts that replace a node's files and put them back, run on this machine.</summary>
public sealed class AliasCommandsTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly LocalHost _host = new("cp1");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_pair_is_installed_kept_and_put_back()
    {
        await WriteAsync("apiserver.crt", "old certificate", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await WriteAsync("apiserver.key", "old key", UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await InstallAsync("new");
        Assert.StartsWith("-----BEGIN CERTIFICATE-----\nnew", Read("apiserver.crt"), StringComparison.Ordinal);
        Assert.StartsWith("-----BEGIN EC PRIVATE KEY-----\nnew", Read("apiserver.key"), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.At("apiserver.key")));
        Assert.True(File.GetUnixFileMode(_directory.At("apiserver.crt")).HasFlag(UnixFileMode.OtherRead));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Keep));

        await InstallAsync("newer");
        Assert.Equal("old key", File.ReadAllText(Path.Combine(Keep, "apiserver.key")));

        Assert.Equal("back", await PutBackAsync());
        Assert.Equal(("old certificate", "old key"), (Read("apiserver.crt"), Read("apiserver.key")));
        Assert.Equal("same", await PutBackAsync());
    }

    [Fact]
    public async Task A_run_that_ended_between_the_two_files_is_put_right_by_putting_back()
    {
        await WriteAsync("apiserver.crt", "old certificate");
        await WriteAsync("apiserver.key", "old key");
        await InstallAsync("new");
        await WriteAsync("apiserver.crt", "old certificate");

        Assert.Equal("back", await PutBackAsync());

        Assert.Equal(("old certificate", "old key"), (Read("apiserver.crt"), Read("apiserver.key")));
    }

    [Fact]
    public async Task A_pair_that_somebody_replaced_since_is_left()
    {
        await WriteAsync("apiserver.crt", "old certificate");
        await WriteAsync("apiserver.key", "old key");
        await InstallAsync("new");
        await WriteAsync("apiserver.crt", "renewed");

        Assert.Equal($"changed {_directory.At("apiserver.crt")}", await PutBackAsync());

        Assert.Equal("renewed", Read("apiserver.crt"));
        Assert.Empty(Directory.GetFiles(_directory.Path, "*.etcddr-new"));
    }

    [Fact]
    public async Task A_file_that_was_changed_since_it_was_read_is_not_replaced()
    {
        await WriteAsync("kubelet.conf", "one");
        var sum = Sum("kubelet.conf");
        await WriteAsync("kubelet.conf", "two");

        var result = await _host.RunAsync(
            AliasCommands.ReplaceFile.With(Keep, "kubelet.conf", _directory.At("kubelet.conf"), sum, "5"),
            default,
            "three"u8.ToArray()
        );

        Assert.Equal(AliasCommands.Changed, result.ExitStatus);
        Assert.Equal("two", Read("kubelet.conf"));
        Assert.False(Directory.Exists(Keep));
    }

    [Fact]
    public async Task Nothing_but_a_directory_of_an_alias_is_ever_removed()
    {
        await WriteAsync("precious", "x");

        await Assert.ThrowsAsync<EtcdDrException>(() => _host.RunAsync(AliasCommands.Forget.With(_directory.Path), default));
        Assert.True(File.Exists(_directory.At("precious")));
        await WriteAsync("etcddr/alias/a/kept", "x");
        await _host.RunAsync(AliasCommands.Forget.With(Keep), default);
        Assert.False(Directory.Exists(_directory.At("etcddr")));
    }

    [Fact]
    public async Task Texts_of_the_API_are_kept_with_what_took_their_place()
    {
        await _host.RunAsync(
            AliasCommands.KeepText.With(Keep, "configmap-kube-system~kubeadm-config~ClusterConfiguration", "abc", "5"),
            default,
            "text\n"u8.ToArray()
        );

        var lines = (await _host.RunAsync(AliasCommands.KeptTexts.With(Keep), default)).Text.Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );

        Assert.Equal(["kept", "text configmap-kube-system~kubeadm-config~ClusterConfiguration abc dGV4dAo="], lines);
        Assert.Empty((await _host.RunAsync(AliasCommands.KeptTexts.With(_directory.At("nowhere")), default)).Text);
    }

    [Fact]
    public async Task A_text_of_the_API_that_we_wrote_ourselves_does_not_take_the_place_of_the_one_before_it()
    {
        const string Name = "configmap-a~b~c";
        await _host.RunAsync(
            AliasCommands.KeepText.With(Keep, Name, SnapshotSamples.Hex("second"u8.ToArray()), "5"),
            default,
            "first"u8.ToArray()
        );

        await _host.RunAsync(
            AliasCommands.KeepText.With(Keep, Name, SnapshotSamples.Hex("third"u8.ToArray()), "6"),
            default,
            "second"u8.ToArray()
        );

        Assert.Equal("first", File.ReadAllText(Path.Combine(Keep, Name)));
        Assert.Equal(SnapshotSamples.Hex("third"u8.ToArray()), File.ReadAllText(Path.Combine(Keep, Name + ".written")).Trim());
    }

    private string Keep => _directory.At("etcddr", "alias", "a");

    private string Read(string name) => File.ReadAllText(_directory.At(name));

    private string Sum(string name) => SnapshotSamples.Hex(File.ReadAllBytes(_directory.At(name)));

    private async Task WriteAsync(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var path = _directory.At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text);
        File.SetUnixFileMode(path, mode);
    }

    private async Task InstallAsync(string content)
    {
        var work = _directory.At("etcddr", "alias", "a.work");
        var pair =
            $"-----BEGIN CERTIFICATE-----\n{content}\n-----END CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\n{content}\n-----END "
            + "EC PRIVATE KEY-----\n";
        await _host.RunAsync(
            AliasCommands.ReceiveCertificate.With(work, $"{pair.Length}"),
            default,
            System.Text.Encoding.UTF8.GetBytes(pair)
        );
        var install = AliasCommands.InstallCertificate.With(
            Keep,
            work,
            _directory.At("apiserver.crt"),
            _directory.At("apiserver.key"),
            Sum("apiserver.crt")
        );
        Assert.Equal(0, (await _host.RunAsync(install, default)).ExitStatus);
    }

    private async Task<string> PutBackAsync() =>
        (
            await _host.RunAsync(
                AliasCommands.PutBack.With(
                    Keep,
                    "apiserver.key",
                    _directory.At("apiserver.key"),
                    "apiserver.crt",
                    _directory.At("apiserver.crt")
                ),
                default
            )
        ).Text.Trim();
}
