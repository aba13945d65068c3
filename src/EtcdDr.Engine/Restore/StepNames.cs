using EtcdDr.Engine.ControlPlane;

namespace EtcdDr.Engine.Restore;

/// <summary>Names of steps in plans, journals, logs and reports.</summary>
internal static class StepNames
{
    public const string Journal = "write-journal";
    public const string KeepConfiguration = "keep-configuration";
    public const string Ship = "ship-database";
    public const string Build = "build-data";
    public const string StageKeys = "stage-keys";
    public const string StopApi = ControlPlaneStep.StopApi;
    public const string StopEtcd = ControlPlaneStep.StopEtcd;
    public const string SwapData = "swap-data";
    public const string SwapKeys = "swap-keys";
    public const string StartEtcd = ControlPlaneStep.StartEtcd;
    public const string WaitEtcd = ControlPlaneStep.WaitEtcd;
    public const string StartApi = ControlPlaneStep.StartApi;
    public const string WaitApi = ControlPlaneStep.WaitApi;
    public const string ReleaseLeases = "release-leases";
    public const string StartRest = ControlPlaneStep.StartRest;
    public const string CheckEtcd = "check-etcd";
    public const string CleanState = "clean-state";
    public const string Remember = "remember";
    public const string OwnAuthority = "own-authority";
    public const string HoldKubelets = "hold-kubelets";
    public const string ReleaseKubelets = "release-kubelets";
    public const string HoldCronJobs = "suspend-cronjobs";
    public const string ReleaseCronJobs = "resume-cronjobs";
    public const string CompareNodes = "compare-nodes";
    public const string RestartKubelets = "restart-kubelets";
    public const string Recycle = "recycle";
    public const string WaitReady = "wait-ready";
    public const string Report = "report";
    public const string Look = "look";
    public const string UnswapData = "unswap-data";
    public const string ShipPrevious = "ship-previous";
    public const string BuildPrevious = "build-previous";
    public const string ReturnRaised = "return-raised";
    public const string DropRaised = "drop-raised";
    public const string UnswapKeys = "unswap-keys";
    public const string RemoveStage = "remove-stage";
    public const string Abandon = "abandon";
    public const string State = "write-state";
}
