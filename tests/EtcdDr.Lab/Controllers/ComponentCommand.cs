using EtcdDr.Lab.ApiServer;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Controllers;

/// <summary><c>controller-manager</c> and <c>scheduler</c>: the real ones' flags, health port and leader election around the played
/// work.</summary>
internal static class ComponentCommand
{
    public static LabCommand ControllerManager { get; } =
        new(
            "controller-manager",
            "--kubeconfig=... [flags of kube-controller-manager]",
            "plays kube-controller-manager (used by the lab itself)",
            (args, token) =>
                RunAsync("kube-controller-manager", 10257, args, (api, flags, t) => new ControllerLoop(api, flags).RunAsync(t), token)
        );

    public static LabCommand Scheduler { get; } =
        new(
            "scheduler",
            "--kubeconfig=... [flags of kube-scheduler]",
            "plays kube-scheduler (used by the lab itself)",
            (args, token) => RunAsync("kube-scheduler", 10259, args, (api, _, t) => new SchedulerLoop(api).RunAsync(t), token)
        );

    private static async Task<int> RunAsync(
        string name,
        int port,
        string[] args,
        Func<ApiClient, ApiServerFlags, CancellationToken, Task> work,
        CancellationToken cancellationToken
    )
    {
        ComponentProcess.Become(name);
        var flags = new ApiServerFlags(args);
        try
        {
            using var api = ApiClient.FromKubeconfig(flags.Required("kubeconfig"));
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var health = HealthListener.RunAsync(port, end.Token);
            await new LeaderElection(api, name).RunAsync(token => work(api, flags, token), cancellationToken);
            await end.CancelAsync();
            await health;
            // A lost lease ends the real one too; the kubelet starts it anew.
            return 1;
        }
        catch (Exception exception)
            when (exception is InvalidDataException or IOException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            ComponentProcess.Log(exception.Message);
            return 1;
        }
    }
}
