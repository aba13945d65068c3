using EtcdDr.Tests.Scripts;

namespace EtcdDr.Tests.Labs;

/// <summary>The Pester file that needs two clusters, by Pester in pwsh.</summary>
[Trait("Category", "Lab")]
[Collection(LabCollection.Name)]
public sealed class PesterLabTests(LabFixture fixture)
{
    [LabFact]
    public async Task Two_clusters_pass_what_the_Pester_file_asks_of_them()
    {
        var file = Path.Combine(Repository.Root, "tests", "Lab.Tests.ps1");

        var (output, counts) = await PesterRun.RunAsync(
            file,
            "$settings.Filter.Tag = 'Lab'",
            Console.WriteLine,
            ("ETCDDR_PROFILE", fixture.Lab.ProfilePath)
        );

        var (passed, failed) = counts["Lab.Tests.ps1"];
        Assert.True(passed >= 5 && failed == 0, output);
    }
}
