using EtcdDr.Engine.Snapshots.Places;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>Nobody looks on.</summary>
internal sealed class NoUploadProgress : IUploadProgress
{
    public void Add(long bytes) { }

    public void Step(string step) { }
}
