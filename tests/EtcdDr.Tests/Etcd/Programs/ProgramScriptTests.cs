using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Labs;

namespace EtcdDr.Tests.Etcd.Programs;

/// <summary>The real scripts in a real shell as root: what they pass over, and what a tool can do in the jail.</summary>
[Trait("Category", "Lab")]
public sealed class ProgramScriptTests : IDisposable
{
    private const string Stranger = "65534";
    private static readonly CancellationToken None = CancellationToken.None;

    // Below a directory in which nobody but root may write: in /tmp no program counts.
    private readonly string _root = Directory.CreateDirectory($"/var/lib/etcddr-test-{Guid.NewGuid():N}").FullName;
    private readonly LocalHost _host;

    public ProgramScriptTests() =>
        _host = new LocalHost("cp1")
        {
            Rewrite = command => command with { Script = command.Script.Replace("/run/etcddr", At("run"), StringComparison.Ordinal) },
        };

    private string Mark => At("ran");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [LabFact]
    public async Task A_program_that_is_roots_alone_is_found_and_asked_for_its_version_in_a_jail_only()
    {
        var found = await LookAsync(await ProgramAsync("tools/etcdutl"));

        var program = Assert.Single(found.Programs, p => p.Source.Text == $"file:{At("tools/etcdutl")}");
        Assert.True(found.HasJail);
        Assert.Equal("3.6.8", program.Version);
        Assert.False(File.Exists(Mark), "It ran with the node's files in sight.");
    }

    [LabTheory]
    [InlineData("chown 65534 \"$1/tools/etcdutl\"")]
    [InlineData("chown 65534 \"$1/tools\"")]
    [InlineData("chmod o+w \"$1/tools\"")]
    [InlineData("chgrp 65534 \"$1/tools/etcdutl\" && chmod g+w \"$1/tools/etcdutl\"")]
    [InlineData("chmod g+w \"$1/tools/etcdutl\"")]
    [InlineData(
        "mkdir \"$1/theirs\" && chown 65534 \"$1/theirs\" && mv \"$1/tools/etcdutl\" \"$1/theirs/real\" && ln -s ../theirs/real "
            + "\"$1/tools/etcdutl\""
    )]
    public async Task A_program_that_somebody_else_could_change_is_passed_over_and_named(string change)
    {
        var path = await ProgramAsync("tools/etcdutl");
        await ShellAsync(change);

        var found = await LookAsync(path);

        Assert.DoesNotContain(found.Programs, p => p.Source.Text.Contains(_root, StringComparison.Ordinal));
        Assert.Contains(
            found.PassedOver,
            why =>
                why.StartsWith($"{path} is passed over", StringComparison.Ordinal)
                && (why.Contains(Stranger, StringComparison.Ordinal) || why.Contains("may write", StringComparison.Ordinal))
        );
        Assert.False(File.Exists(Mark));
    }

    [LabFact]
    public async Task A_tool_builds_the_data_as_a_user_of_its_own_who_sees_nothing_of_the_node()
    {
        var path = await ProgramAsync(
            "tools/etcdutl",
            """
            id -u > /out/whoami; ls /root /etc/kubernetes > /out/sees 2>/dev/null; ls /sys/class/net > /out/net 2>/dev/null
            (echo wrote > /usr/planted) 2>/dev/null
            mkdir -p /out/build/member/snap && cp /snapshot.db /out/build/member/snap/db
            mv /out/whoami /out/sees /out/net /out/build/member/
            """
        );

        await BuildAsync(path);

        var staged = At("etcd.etcddr/r1/staged/member");
        Assert.Equal("a database", await File.ReadAllTextAsync($"{staged}/snap/db"));
        Assert.True(
            uint.Parse(await File.ReadAllTextAsync($"{staged}/whoami"), System.Globalization.CultureInfo.InvariantCulture) >= 1879048192
        );
        Assert.Equal("", await File.ReadAllTextAsync($"{staged}/sees"));
        Assert.Equal("", await File.ReadAllTextAsync($"{staged}/net"));
        Assert.False(File.Exists("/usr/planted"));
        Assert.Equal("0 600", (await ShellAsync($"stat -c '%u %a' '{staged}/snap/db'")).Trim());
        Assert.False(Directory.Exists(At("etcd.etcddr/r1/out")));
    }

    [LabTheory]
    [InlineData("ln -s /etc/shadow /out/build/member/link")]
    [InlineData("ln /out/build/member/snap/db /out/build/member/snap/twin")]
    [InlineData("mkfifo /out/build/member/fifo")]
    public async Task What_a_tool_leaves_besides_plain_files_is_not_taken(string leaves)
    {
        var path = await ProgramAsync(
            "tools/etcdutl",
            $"mkdir -p /out/build/member/snap && cp /snapshot.db /out/build/member/snap/db && {leaves}"
        );

        var failure = await Assert.ThrowsAsync<EtcdDrException>(() => BuildAsync(path));

        Assert.Contains("no plain file", failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("etcd.etcddr/r1/staged")));
    }

    [LabFact]
    public async Task A_tool_leaves_no_process_behind()
    {
        var path = await ProgramAsync(
            "tools/etcdutl",
            $$"""
            mkdir -p /out/build/member/snap && cp /snapshot.db /out/build/member/snap/db
            setsid sh -c 'exec sleep 4711' </dev/null >/dev/null 2>&1 &
            """
        );

        await BuildAsync(path);

        await AssertNobodyRunsAsync("4711");
    }

    /// <summary>
    /// The kernel ends what was in a killed jail by itself, a moment after its first process is gone: ten seconds are more than that.
    /// The pattern does not match itself, as grep's own argument.
    /// </summary>
    private async Task AssertNobodyRunsAsync(string argument)
    {
        var look = $$"""
            for i in $(seq 100); do
                found=$(grep -lzx '[{{argument[0]}}]{{argument[1..]}}' /proc/[0-9]*/cmdline 2>/dev/null) || { echo none; exit; }
                sleep 0.1
            done
            for each in $found; do tr '\0' ' ' < "$each"; echo; done
            """;

        Assert.Equal("none", (await ShellAsync(look)).Trim());
    }

    [LabTheory]
    [InlineData("$1/shared/etcd.etcddr")]
    [InlineData("$1/shared/link")]
    public async Task A_link_that_somebody_else_put_into_the_way_of_a_work_directory_is_not_followed(string link)
    {
        await ShellAsync(
            "mkdir -m 1777 \"$1/shared\" && mkdir \"$1/shared/etcd\" \"$1/victim\" && ln -s ../victim \"$1/shared/"
                + link[(link.LastIndexOf('/') + 1)..]
                + "\""
        );
        var work = link.EndsWith("link", StringComparison.Ordinal) ? At("shared/link/etcd.etcddr/r1") : At("shared/etcd.etcddr/r1");

        await Assert.ThrowsAsync<EtcdDrException>(() =>
            _host.WriteAsync(RestoreCommands.ReceiveDatabase.With("", "ship-database", work, "0", "plain"), new MemoryStream(), None)
        );

        Assert.Empty(Directory.GetFileSystemEntries(At("victim")));
    }

    [LabFact]
    public async Task A_jail_that_is_told_to_end_takes_a_tool_with_it_that_will_not()
    {
        var path = await ProgramAsync("tools/etcdutl", "trap '' TERM; exec sleep 4712");
        Directory.CreateDirectory(At("etcd.etcddr/r1"));
        Directory.CreateDirectory(At("etcd"));
        await File.WriteAllTextAsync(At("etcd.etcddr/r1/snapshot.db"), "a database");
        var build = _host.Rewrite(
            RestoreCommands.Build.With(
                "",
                "build-data",
                At("etcd.etcddr/r1"),
                "",
                $"file:{path}",
                "etcdutl",
                "jail",
                "cp1",
                "cp1=https://10.0.0.1:2380",
                "token",
                "https://10.0.0.1:2380",
                "plain",
                At("etcd"),
                "",
                "staged"
            )
        );

        using var run = System.Diagnostics.Process.Start("timeout", ["-k", "2", "3", "sh", "-c", build.Script, "sh", .. build.Arguments]);
        await run.WaitForExitAsync();

        await AssertNobodyRunsAsync("4712");
    }

    [LabFact]
    public async Task A_work_directory_that_somebody_else_could_replace_is_refused()
    {
        await ShellAsync("mkdir -p \"$1/theirs\" && chown 65534 \"$1/theirs\" && mkdir \"$1/theirs/etcd\" && chown 0 \"$1/theirs/etcd\"");

        var failure = await Assert.ThrowsAsync<EtcdDrException>(() =>
            _host.WriteAsync(
                RestoreCommands.ReceiveDatabase.With("", "ship-database", At("theirs/etcd.etcddr/r1"), "0", "plain"),
                new MemoryStream(),
                None
            )
        );

        Assert.Contains(At("theirs"), failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("theirs/etcd.etcddr")));
    }

    private string At(string path) => Path.Combine(_root, path);

    private async Task<NodePrograms> LookAsync(string path) => await NodePrograms.ReadAsync(_host, null, null, string.Empty, path, None);

    private async Task BuildAsync(string tool)
    {
        var work = At("etcd.etcddr/r1");
        Directory.CreateDirectory(work);
        Directory.CreateDirectory(At("etcd"));
        await File.WriteAllTextAsync($"{work}/snapshot.db", "a database");
        await _host.RunAsync(
            RestoreCommands.Build.With(
                "",
                "build-data",
                work,
                "",
                $"file:{tool}",
                "etcdutl",
                "jail",
                "cp1",
                "cp1=https://10.0.0.1:2380",
                "token",
                "https://10.0.0.1:2380",
                "plain",
                At("etcd"),
                "",
                "staged"
            ),
            None
        );
    }

    private async Task<string> ProgramAsync(string path, string does = "")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        await File.WriteAllTextAsync(
            At(path),
            $"#!/bin/sh\n(echo ran > '{Mark}') 2>/dev/null\nif [ \"$1\" = version ]; then echo 'etcdutl version: 3.6.8'; exit 0; fi\n"
                + $"{does}\n"
        );
        File.SetUnixFileMode(At(path), (UnixFileMode)0b111_101_101);
        return At(path);
    }

    private async Task<string> ShellAsync(string script) =>
        (await new LocalHost("cp1").RunAsync(new RemoteCommand("test", script).With(_root), None)).Text;
}
