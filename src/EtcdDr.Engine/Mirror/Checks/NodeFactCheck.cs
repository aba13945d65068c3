using EtcdDr.Engine.Nodes;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Something about each control-plane node that a restore rests on.</summary>
/// <param name="name">Name of the check.</param>
/// <param name="category">What it is about.</param>
/// <param name="isWrong">Whether a node has it wrong.</param>
/// <param name="wrong">What is wrong then.</param>
/// <param name="right">What is said where no node has it wrong.</param>
internal sealed class NodeFactCheck(
    string name,
    string category,
    Func<NodeFacts, bool> isWrong,
    Func<string, MirrorFinding> wrong,
    string right
) : IMirrorCheck
{
    public string Name => name;

    public string Category => category;

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        var known = secondary.ControlPlane.Where(n => n.Facts is not null).ToList();
        return MirrorFinding.OrPass(
            known.Where(n => isWrong(n.Facts!)).Select(n => wrong(n.Name) with { Node = n.Name }),
            known.Count > 0,
            right
        );
    }
}
