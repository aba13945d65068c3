using System.Diagnostics;
using EtcdDr.Engine.Snapshots.Verification.Drill;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

[Collection(DrillCollection.Name)]
public sealed class DrillDirectoryTests
{
    private static readonly RecordingSink Sink = new();

    [Fact]
    public void It_is_its_owners_alone_and_gone_when_disposed()
    {
        string path;
        using (var directory = DrillDirectory.Create(Sink))
        {
            path = directory.Path;
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        }

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void What_a_killed_drill_left_is_ended_and_removed_and_one_that_is_alive_is_not()
    {
        using var alive = DrillDirectory.Create(Sink);
        var dead = Directory.CreateTempSubdirectory("etcddr-drill-").FullName;
        using var left = Process.Start("sleep", "600");
        File.WriteAllText(Path.Combine(dead, "process"), $"{left.Id} {left.StartTime.ToUniversalTime().Ticks}");
        Directory.CreateDirectory(Path.Combine(dead, "data"));
        File.WriteAllText(Path.Combine(dead, "lock"), string.Empty);

        using var next = DrillDirectory.Create(Sink);

        Assert.True(left.WaitForExit(TimeSpan.FromMinutes(2)));
        Assert.False(Directory.Exists(dead));
        Assert.True(Directory.Exists(alive.Path));
    }

    [Fact]
    public void A_process_that_only_has_the_number_of_a_dead_one_is_spared()
    {
        var dead = Directory.CreateTempSubdirectory("etcddr-drill-").FullName;
        File.WriteAllText(Path.Combine(dead, "process"), $"{Environment.ProcessId} 1");
        File.WriteAllText(Path.Combine(dead, "lock"), string.Empty);

        using var next = DrillDirectory.Create(Sink);

        Assert.False(Directory.Exists(dead));
    }
}
