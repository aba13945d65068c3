using System.Reflection;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Tests.Ssh;

/// <summary>docs/remote-commands.md shows a reviewer all that runs on a node; it and the code must be one.</summary>
public sealed class RemoteCommandCatalogueTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "remote-commands.md"));

    private static List<RemoteCommand> Commands { get; } =
    [
        .. typeof(RemoteCommand)
            .Assembly.GetTypes()
            .SelectMany(type =>
                type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            )
            .Where(field => field.FieldType == typeof(RemoteCommand))
            .Select(field => (RemoteCommand)field.GetValue(null)!),
    ];

    [Fact]
    public void Every_remote_command_is_listed_with_its_script_as_it_runs()
    {
        Assert.NotEmpty(Commands);
        Assert.Empty(
            Commands
                .Where(command =>
                    !Page.Contains(Section(command), StringComparison.Ordinal) || !Page.Contains(Block(command), StringComparison.Ordinal)
                )
                .Select(command => command.Name)
        );
    }

    [Fact]
    public void Every_listed_command_is_there() =>
        Assert.Empty(
            Page.Split('\n')
                .Where(line => line.StartsWith("## `", StringComparison.Ordinal))
                .Select(line => line[4..^1])
                .Except(Commands.Select(command => command.Name))
        );

    [Fact]
    public void Every_command_says_what_it_trusts() =>
        Assert.Empty(
            Page.Split("\n## `")
                .Skip(1)
                .Where(section => !section.Split("```sh")[0].Contains("\n\n**Trusts** ", StringComparison.Ordinal))
                .Select(section => section.Split('`')[0])
        );

    [Fact]
    public void No_two_commands_have_one_name() =>
        Assert.Equal(Commands.Count, Commands.Select(command => command.Name).Distinct().Count());

    private static string Section(RemoteCommand command) => $"## `{command.Name}`\n";

    private static string Block(RemoteCommand command) => $"```sh\n{command.Script.TrimEnd()}\n```";
}
