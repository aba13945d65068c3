using EtcdDr.Engine.Operations;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>Steps without a journal: each is told as progress, and the first that fails ends the operation.</summary>
internal sealed class PlainSteps(OperationContext context, string activity) : IControlPlaneSteps
{
    public async Task OnNodesAsync(
        string step,
        IReadOnlyList<ControlPlaneNode> nodes,
        Func<ControlPlaneNode, CancellationToken, Task> work,
        CancellationToken cancellationToken
    )
    {
        Show(null, step);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = context.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            nodes,
            parallel,
            async (node, ct) =>
            {
                Show(node.Name, step);
                await work(node, ct);
                Show(node.Name, step, completed: true);
            }
        );
    }

    public Task OnceAsync(string step, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        Show(null, step);
        return work(cancellationToken);
    }

    private void Show(string? node, string step, bool completed = false) =>
        context.Sink.Progress(new ProgressUpdate(activity, node, Words(step)) { Completed = completed });

    private static string Words(string step) =>
        step switch
        {
            ControlPlaneStep.StopApi => "Stopping kube-apiserver, kube-controller-manager and kube-scheduler",
            ControlPlaneStep.StopEtcd => "Stopping etcd",
            ControlPlaneStep.StartEtcd => "Starting etcd",
            ControlPlaneStep.WaitEtcd => "Waiting until every member serves reads",
            ControlPlaneStep.StartApi => "Starting kube-apiserver",
            ControlPlaneStep.WaitApi => "Waiting until every apiserver is ready",
            _ => "Starting kube-controller-manager and kube-scheduler",
        };
}
