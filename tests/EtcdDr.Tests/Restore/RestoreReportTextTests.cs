namespace EtcdDr.Tests.Restore;

public sealed class RestoreReportTextTests
{
    private static readonly DateTime Start = new(2026, 11, 23, 3, 0, 0, DateTimeKind.Utc);

    private static readonly EtcdRestore Report = new()
    {
        Id = "2026-11-23_03-00-00-abc123",
        Cluster = "secondary",
        Snapshot = "etcd_snapshot_2026-11-22_23-53-31",
        State = RestoreState.Incomplete,
        Message = "Cluster 'secondary' serves the snapshot, but 1 object was not ready.",
        Started = Start,
        Finished = Start.AddSeconds(42),
        ApiDowntime = TimeSpan.FromSeconds(14.3),
        ClusterId = "63c63522f0be24a6",
        HashKv = 4711,
        Pods = [new RestorePod("kube-system", "coredns-8f994fbf8-6ghs4", "0/1", "ContainerCreating", 0, "w1", Start)],
        Members =
        [
            new EtcdMemberStatus
            {
                Cluster = "secondary",
                Node = "cp1",
                Endpoint = "https://10.5.176.144:2379",
                MemberId = "63c63522f0be24a6",
                Version = "3.6.5",
                DbSize = 1 << 20,
                IsLeader = true,
                Healthy = true,
            },
        ],
        NotReady = [new RestoreNotReady("Pod", "kube-system", "coredns-8f994fbf8-6ghs4", "ContainerCreating, 0 of 1 containers ready")],
        Steps =
        [
            new RestoreStepResult("Cutover", "swap-data", "cp1", Start, Start.AddSeconds(1), "Done", null),
            new RestoreStepResult("Cutover", "swap-data", "cp2", Start, Start.AddSeconds(3), "Done", null),
        ],
    };

    [Fact]
    public void The_report_shows_pods_members_what_is_not_ready_and_how_it_ended()
    {
        var text = RestoreReportText.Format(Report);

        Assert.Contains("coredns-8f994fbf8-6ghs4", text, StringComparison.Ordinal);
        Assert.Contains("63c63522f0be24a6", text, StringComparison.Ordinal);
        Assert.Contains("Not ready: Pod kube-system/coredns-8f994fbf8-6ghs4: ContainerCreating", text, StringComparison.Ordinal);
        Assert.Contains("API away      : 14.3 s", text, StringComparison.Ordinal);
        Assert.EndsWith("Restore ended as Incomplete at 2026-11-23 03:00:42Z", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_of_the_restored_state_does_not_fit_a_node_is_told_with_what_to_do_about_it()
    {
        var text = RestoreReportText.Format(
            Report with
            {
                Findings =
                [
                    new RestoreFinding(
                        "PodNetworks",
                        "w1",
                        "Node 'w1' bridges pods in 10.1.2.0/24.",
                        "Restart its CNI plug-in.",
                        Blocks: false
                    ),
                    new RestoreFinding("Volumes", null, "Volume 'pv-1' is mounted nowhere.", "Detach it.", Blocks: false),
                ],
            }
        );

        Assert.Contains("Does not fit w1: Node 'w1' bridges pods in 10.1.2.0/24. Restart its CNI plug-in.", text, StringComparison.Ordinal);
        Assert.Contains("Does not fit: Volume 'pv-1' is mounted nowhere. Detach it.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Does not fit", RestoreReportText.Format(Report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_is_one_line_that_names_the_slowest_node()
    {
        var line = Assert.Single(RestoreReportText.Format(Report).Split('\n'), l => l.Contains("swap-data", StringComparison.Ordinal));

        Assert.Contains("3.0 s (slowest: cp2)", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_fit_120_columns() =>
        Assert.All(
            RestoreReportText.Format(Report).Split('\n').TakeWhile(l => !l.StartsWith("Not ready", StringComparison.Ordinal)),
            l => Assert.InRange(l.TrimEnd().Length, 0, 120)
        );
}
