namespace EtcdDr.Engine.Mirror;

/// <summary>A check of two sites: pure judgement over gathered facts. Asks nothing of any machine.</summary>
internal interface IMirrorCheck
{
    /// <summary>Its name, as <c>-Include</c> and <c>-Exclude</c> take it.</summary>
    string Name { get; }

    /// <summary>What it is about; the view groups by it.</summary>
    string Category { get; }

    /// <summary>Judges. At least one outcome, so that a user sees that the check was made.</summary>
    IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary);
}
