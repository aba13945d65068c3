using EtcdDr.Commands;

namespace EtcdDr.Tests.Commands;

public sealed class ErrorRecordsTests
{
    [Fact]
    public void Every_category_has_a_PowerShell_category_of_the_same_name()
    {
        Assert.All(Enum.GetValues<EtcdDrErrorCategory>(), category => Assert.Equal(category.ToString(), ErrorRecords.Category(category).ToString()));
    }
}
