using System.Text;
using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Journals;

/// <summary>A restore's journal as one node has it.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Directory">Where it lies there.</param>
/// <param name="Journal">The journal, with the state that the node recorded last.</param>
/// <param name="Steps">Lines that the node's steps wrote: time, <c>begin</c> or <c>done</c>, step.</param>
internal sealed record NodeJournal(string Node, string Directory, RestoreJournal Journal, IReadOnlyList<string> Steps)
{
    /// <summary>Reads what <see cref="NodeCommands.FindJournals"/> prints.</summary>
    public static IReadOnlyList<NodeJournal> Parse(string node, string text)
    {
        var found = new List<NodeJournal>();
        var lines = text.Split('\n');
        for (var i = 0; i + 3 < lines.Length; i += 4)
        {
            if (!lines[i].StartsWith("journal ", StringComparison.Ordinal))
            {
                break;
            }

            var directory = lines[i]["journal ".Length..];
            var journal = RestoreJournal.Parse(Convert.FromBase64String(lines[i + 1]), Errors.Place_Journal_Part.With(directory, node));
            var state = Encoding.UTF8.GetString(Convert.FromBase64String(lines[i + 2])).Trim();
            var steps = Encoding.UTF8.GetString(Convert.FromBase64String(lines[i + 3])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            found.Add(
                new NodeJournal(
                    node,
                    directory,
                    Enum.TryParse<RestoreState>(state, out var known) ? journal with { State = known } : journal,
                    steps
                )
            );
        }

        return found;
    }
}
