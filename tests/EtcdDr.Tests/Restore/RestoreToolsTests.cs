using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Nodes;
using EtcdDr.Engine.Restore;
using EtcdDr.Tests.Mirror;

namespace EtcdDr.Tests.Restore;

public sealed class RestoreToolsTests
{
    [Theory]
    [InlineData("3.5.9 3.5.9 3.5.9", "3.5.9 3.5.9 3.5.9", false)]
    [InlineData("3.5.16 3.5.16 3.5.16", "3.5.16 3.5.16 3.5.16", true)]
    [InlineData("3.5.9 3.5.16 3.5.9", "3.5.16 3.5.16 3.5.16", true)]
    [InlineData("3.5.9,3.5.16 3.5.16 3.5.9", "3.5.16 3.5.16 3.5.16", true)]
    [InlineData("3.5.16 3.5.21 3.5.21", "3.5.21 3.5.21 3.5.21", true)]
    [InlineData("3.5.16 3.5.21", "3.5.21 3.5.21", true)]
    [InlineData("- 3.5.16 -", "3.5.16 3.5.16 3.5.16", true)]
    [InlineData("- - -", "- - -", false)]
    [InlineData("3.5.16@x86_64 3.5.9@aarch64", "3.5.16 3.5.9", false)]
    [InlineData("3.5.16@x86_64 -@aarch64", "3.5.16 -", true)]
    public void One_version_builds_all_members_and_it_is_the_one_that_can_raise(string nodes, string used, bool raise)
    {
        var facts = nodes.Split(' ').Select((n, i) => Facts($"cp{i + 1}", n)).ToList();

        var tools = RestoreTools.Choose(facts);

        Assert.Equal(used, string.Join(' ', facts.Select(f => tools.Of(f.Node.Name)?.Version ?? "-")));
        Assert.Equal(raise, tools.Raise);
    }

    private static NodeFacts Facts(string name, string said)
    {
        var (versions, machine) = said.Split('@') is [var v, var m] ? (v, m) : (said, "x86_64");
        var some = MirrorSamples.Site("10.0.1.").ControlPlane.First().Facts!;
        return some with
        {
            Node = some.Node with { Name = name },
            Probe = new Dictionary<string, string> { ["machine"] = machine },
            Programs = new NodePrograms
            {
                EtcdVersion = "3.5.21",
                Programs =
                [
                    .. versions
                        .Split(',')
                        .Where(version => version != "-")
                        .Select(version => new EtcdProgram("etcdutl", new ProgramSource($"file:/opt/{version}/etcdutl"), version)),
                ],
            },
        };
    }
}
