using EtcdDr.Commands;

namespace EtcdDr.Tests.Commands;

public sealed class ErrorRecordsTests
{
    [Fact]
    public void Every_category_has_a_PowerShell_category_of_the_same_name()
    {
        Assert.All(
            Enum.GetValues<EtcdDrErrorCategory>(),
            category => Assert.Equal(category.ToString(), ErrorRecords.Category(category).ToString())
        );
    }

    [Fact]
    public void A_record_says_what_happened_and_what_to_do_about_it()
    {
        var failure = new EtcdDrException("HostAway", EtcdDrErrorCategory.ConnectionError, "The host is away.", "Bring it back.", "cp1");

        var record = ErrorRecords.From(failure);

        Assert.Equal("HostAway", record.FullyQualifiedErrorId);
        Assert.Equal("The host is away.", record.ErrorDetails.Message);
        Assert.Equal("Bring it back.", record.ErrorDetails.RecommendedAction);
        Assert.Equal("cp1", record.TargetObject);
    }
}
