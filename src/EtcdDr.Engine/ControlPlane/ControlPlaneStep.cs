namespace EtcdDr.Engine.ControlPlane;

/// <summary>Names of the steps that stop and start a control plane.</summary>
internal static class ControlPlaneStep
{
    public const string StopApi = "stop-apiserver";
    public const string StopEtcd = "stop-etcd";
    public const string StartEtcd = "start-etcd";
    public const string WaitEtcd = "wait-etcd";
    public const string StartApi = "start-apiserver";
    public const string WaitApi = "wait-apiserver";
    public const string StartRest = "start-rest";
}
