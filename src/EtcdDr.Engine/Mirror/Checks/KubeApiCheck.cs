namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The kube API of the secondary answers.</summary>
internal sealed class KubeApiCheck : IMirrorCheck
{
    public string Name => "KubeApi";

    public string Category => "Access";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (secondary.ApiFailure is { } failure)
        {
            return [MirrorFinding.Fail(failure.Message, failure.RecommendedAction)];
        }

        return primary.ApiFailure is { } away
            ? [MirrorFinding.Information($"The primary's API does not answer, so much about it is unknown: {away.Message}")]
            : [MirrorFinding.Pass("The API answers.")];
    }
}
