namespace EtcdDr.Engine.Kube;

/// <summary>How far a list is.</summary>
internal sealed class KubeListCursor
{
    public string? Continue { get; set; }

    public bool Done { get; set; }

    public int Restarts { get; set; }

    public int Failures { get; set; }
}
