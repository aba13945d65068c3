using System.Reflection;
using EtcdDr.Engine.ControlPlane.Alias;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;
using EtcdDr.Tests.Fakes;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Ssh;

/// <summary>A channel that breaks looks to a script like the end of its input, so each script must know by itself whether all of it
/// came.</summary>
public sealed class InputEndTests : IDisposable
{
    private static readonly byte[] Content =
    [
        .. "-----BEGIN CERTIFICATE-----\na\n-----END CERTIFICATE-----\n"u8,
        .. "-----BEGIN EC PRIVATE KEY-----\nb\n-----END EC PRIVATE KEY-----\n"u8,
    ];

    private readonly TempDirectory _directory = new();
    private readonly LocalHost _host = new("cp1");

    public static TheoryData<string> Takers { get; } =
    [
        "restore.write-journal",
        "restore.stage-key",
        "restore.receive-tool",
        "restore.receive-database",
        "alias.receive-certificate",
        "alias.replace-file",
        "alias.keep-text",
    ];

    public void Dispose() => _directory.Dispose();

    [RootTheory]
    [MemberData(nameof(Takers))]
    public async Task Input_that_came_whole_takes_its_name(string name)
    {
        var (command, place) = Taker(name);
        Assert.Equal(0, (await _host.RunAsync(command, default, Content)).ExitStatus);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----\na\n", await File.ReadAllTextAsync(place), StringComparison.Ordinal);
    }

    [RootTheory]
    [MemberData(nameof(Takers))]
    public async Task Input_that_was_cut_takes_no_name_and_is_a_failure(string name)
    {
        var (command, place) = Taker(name);
        var before = File.Exists(place) ? await File.ReadAllTextAsync(place) : null;
        var status = await StatusAsync(command, Content.AsMemory(0, Content.Length - 1));
        Assert.NotEqual(0, status);
        Assert.Equal(before, File.Exists(place) ? await File.ReadAllTextAsync(place) : null);
    }

    [Fact]
    public async Task A_configuration_of_kubeadm_that_was_cut_is_not_used()
    {
        var work = _directory.At("etcddr", "alias", "a.work");
        var failure = await Assert.ThrowsAsync<EtcdDrException>(() =>
            _host.RunAsync(AliasCommands.KubeadmCertificate.With(work, _directory.Path, "9"), default, "12345678"u8.ToArray())
        );
        Assert.Contains("before all of its 9 bytes", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(work));
    }

    // A stream of unknown length is known by its sum; what link.drop takes is thrown away.
    [Fact]
    public void No_other_script_takes_input_without_its_length() =>
        Assert.Equal(
            ["link.drop", "restore.receive-tool"],
            Commands()
                .Where(command =>
                    command
                        .Script.Replace(InputScript.Receive, string.Empty, StringComparison.Ordinal)
                        .Contains("cat >", StringComparison.Ordinal)
                )
                .Select(command => command.Name)
                .Order(StringComparer.Ordinal)
        );

    private static IEnumerable<RemoteCommand> Commands() =>
        typeof(RemoteCommand)
            .Assembly.GetTypes()
            .SelectMany(type =>
                type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            )
            .Where(field => field.FieldType == typeof(RemoteCommand))
            .Select(field => (RemoteCommand)field.GetValue(null)!);

    private (RemoteCommand Command, string Place) Taker(string name)
    {
        var root = _directory.At("etcddr", "x");
        var sum = SnapshotSamples.Hex(Content);
        var live = _directory.At("live");
        File.WriteAllText(live, "before");
        return name switch
        {
            "restore.write-journal" => (
                RestoreCommands.WriteJournal.With(root, "Staging", $"{Content.Length}"),
                Path.Combine(root, "journal.json")
            ),
            "restore.stage-key" => (
                RestoreCommands.StageKey.With(root, "sa.key", $"{Content.Length}"),
                Path.Combine(root, "keys", "new", "sa.key")
            ),
            "restore.receive-tool" => (RestoreCommands.ReceiveTool.With(root, "etcdutl", sum), Path.Combine(root, "tool", "etcdutl")),
            "restore.receive-database" => (
                RestoreCommands.ReceiveDatabase.With(root, "ship", root, sum, "plain"),
                Path.Combine(root, "snapshot.db")
            ),
            "alias.receive-certificate" => (
                AliasCommands.ReceiveCertificate.With(root, $"{Content.Length}"),
                Path.Combine(root, "apiserver.crt")
            ),
            "alias.replace-file" => (
                AliasCommands.ReplaceFile.With(root, "kept", live, SnapshotSamples.Hex("before"u8.ToArray()), $"{Content.Length}"),
                live
            ),
            "alias.keep-text" => (AliasCommands.KeepText.With(root, "text", "sum", $"{Content.Length}"), Path.Combine(root, "text")),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
    }

    private async Task<int> StatusAsync(RemoteCommand command, ReadOnlyMemory<byte> input)
    {
        try
        {
            return (await _host.RunAsync(command, default, input)).ExitStatus;
        }
        catch (EtcdDrException e) when (e.ErrorId == "RemoteCommandFailed")
        {
            return 1;
        }
    }
}
