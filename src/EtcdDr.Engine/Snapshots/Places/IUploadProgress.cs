namespace EtcdDr.Engine.Snapshots.Places;

/// <summary>Is told how far an upload is.</summary>
public interface IUploadProgress
{
    /// <summary>Counts bytes; negative where they have to be sent again.</summary>
    void Add(long bytes);

    /// <summary>Says what is being done.</summary>
    void Step(string step);
}
