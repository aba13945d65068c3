using EtcdDr.Engine.ControlPlane;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.ControlPlane;

/// <summary>The scripts that take static pods aside and put them back, run on this machine with a played crictl: containers are files, and
/// a manifest in place starts none.</summary>
public sealed class HoldScriptTests : IDisposable
{
    private static readonly ControlPlanePart Etcd = new("etcd", "10-etcd.json", "kube-system", "etcd", "etcd");
    private static readonly ControlPlanePart Api = ControlPlanePart.Usual("kube-apiserver");

    // A container is a file running/NAME.ID. "again" holds how often the kubelet starts one more after a stop.
    private const string Crictl = """
        #!/bin/sh
        root=$(dirname "$0")/..
        command=$1; shift
        case $command in
        ps)
            name=; state=running
            while [ $# -gt 0 ]; do
                case $1 in io.kubernetes.container.name=*) name=${1#*=};; exited) state=exited;; esac
                shift
            done
            for file in "$root/$state/$name".*; do [ -e "$file" ] && echo "${file##*.}"; done;;
        pods) [ -e "$root/sandbox" ] && echo sandbox;;
        stop)
            for file in "$root/running/"*."$3"; do
                [ -e "$file" ] || exit 1
                [ ! -e "$root/stubborn" ] || exit 1
                mv "$file" "$root/exited/"
                left=$(cat "$root/again" 2>/dev/null || echo 0)
                if [ "$left" -gt 0 ]; then echo $((left - 1)) > "$root/again"; : > "${file%.*}.more$left"; else rm -f "$root/sandbox"; fi
            done;;
        rm) rm -f "$root/exited/"*."$1";;
        esac
        exit 0
        """;

    private readonly TempDirectory _directory = new();
    private readonly LocalHost _host = new("cp1");
    private readonly StaticPodPlace _place;

    public HoldScriptTests()
    {
        foreach (var name in (string[])["bin", "running", "exited", "manifests"])
        {
            Directory.CreateDirectory(_directory.At(name));
        }

        Program("crictl", Crictl);
        Program("systemctl", "#!/bin/sh\nexit 0\n");
        _host.Rewrite = c =>
            c with
            {
                // The played crictl lies where others may write, as all that lies in /tmp.
                Script =
                    $"PATH={_directory.At("bin")}:$PATH; export "
                    + $"PATH\n{c.Script.Replace("crictl=$(owned \"$crictl\")", "crictl=$crictl", StringComparison.Ordinal)}",
            };
        _place = new StaticPodPlace(
            _directory.At("manifests"),
            _directory.At("etcddr/r1/manifests"),
            string.Empty,
            _directory.At("etcddr/r1")
        );
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_crash_looping_apiserver_that_the_kubelet_starts_again_is_stopped_again_until_it_is_gone()
    {
        Write("manifests/kube-apiserver.yaml", "api");
        Write("running/kube-apiserver.a1", string.Empty);
        Write("sandbox", string.Empty);
        Write("again", "3");

        await StaticPods.HoldAsync(
            _host,
            _place,
            [Api],
            "stop-apiserver",
            StopEnd.Gone,
            TimeSpan.FromSeconds(30),
            force: false,
            CancellationToken.None
        );

        Assert.Empty(Directory.GetFiles(_directory.At("running")));
        Assert.Equal("api", File.ReadAllText(_directory.At("etcddr/r1/manifests/kube-apiserver.yaml")));
    }

    [Fact]
    public async Task An_apiserver_that_the_kubelet_starts_once_more_while_etcd_stops_is_gone_before_anything_is_swapped()
    {
        Write("manifests/kube-apiserver.yaml", "api");
        Write("manifests/10-etcd.json", "etcd");
        Write("running/kube-apiserver.a1", string.Empty);
        Write("running/etcd.b1", string.Empty);
        Write("sandbox", string.Empty);

        await HoldAsync([Api], StopEnd.Stopped);
        Assert.True(File.Exists(_directory.At("exited/kube-apiserver.a1")), "the kubelet was not waited for");
        Write("running/kube-apiserver.a2", string.Empty);
        await HoldAsync([Api, Etcd], StopEnd.Gone);

        Assert.Empty(Directory.GetFiles(_directory.At("running")));
        Assert.Empty(Directory.GetFiles(_directory.At("exited")));
        Assert.Empty(Directory.GetFiles(_directory.At("manifests")));
    }

    [Fact]
    public async Task A_container_that_does_not_stop_is_named_when_the_limit_is_reached()
    {
        Write("manifests/10-etcd.json", "etcd");
        Write("running/etcd.b2", string.Empty);
        Write("stubborn", string.Empty);

        var error = await Assert.ThrowsAsync<EtcdDrException>(() =>
            StaticPods.HoldAsync(
                _host,
                _place,
                [Etcd],
                "stop-etcd",
                StopEnd.Gone,
                TimeSpan.FromSeconds(1),
                force: false,
                CancellationToken.None
            )
        );

        Assert.Equal("ContainerWillNotStop", error.ErrorId);
        Assert.Contains("etcd (b2)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_is_held_and_released_by_the_file_that_was_found()
    {
        Write("manifests/10-etcd.json", "etcd");

        await StaticPods.HoldAsync(
            _host,
            _place,
            [Etcd],
            "stop-etcd",
            StopEnd.Gone,
            TimeSpan.FromSeconds(5),
            force: false,
            CancellationToken.None
        );
        Assert.False(File.Exists(_directory.At("manifests/10-etcd.json")));

        await StaticPods.ReleaseAsync(_host, _place, [Etcd], "start-etcd", CancellationToken.None);
        Assert.Equal("etcd", File.ReadAllText(_directory.At("manifests/10-etcd.json")));
    }

    [Fact]
    public async Task A_restore_takes_over_what_stop_control_plane_holds_aside_and_starts_it()
    {
        Write("etcddr/stopped/manifests/10-etcd.json", "etcd");

        await StaticPods.HoldAsync(
            _host,
            _place,
            [Etcd],
            "stop-etcd",
            StopEnd.Gone,
            TimeSpan.FromSeconds(5),
            force: false,
            CancellationToken.None
        );
        await StaticPods.ReleaseAsync(_host, _place, [Etcd], "start-etcd", CancellationToken.None);

        Assert.Equal("etcd", File.ReadAllText(_directory.At("manifests/10-etcd.json")));
    }

    private Task HoldAsync(IReadOnlyList<ControlPlanePart> parts, StopEnd until) =>
        StaticPods.HoldAsync(_host, _place, parts, "stop", until, TimeSpan.FromSeconds(30), force: false, CancellationToken.None);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_directory.At(path))!);
        File.WriteAllText(_directory.At(path), text);
    }

    private void Program(string name, string text)
    {
        File.WriteAllText(_directory.At($"bin/{name}"), text);
        File.SetUnixFileMode(_directory.At($"bin/{name}"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
