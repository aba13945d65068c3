using EtcdDr.Commands;

namespace EtcdDr.Tests.Commands;

public sealed class ErrorRecordsTests
{
    [Fact]
    public void Every_category_has_a_PowerShell_category_of_the_same_name()
    {
        Assert.All(Enum.GetValues<EtcdDrErrorCategory>(), category => Assert.Equal(category.ToString(), ErrorRecords.Category(category).ToString()));
    }

    [Theory]
    [InlineData("7.4.6.500", "The host is away. Bring it back.")]
    [InlineData("7.5.0.500", "The host is away.")]
    [InlineData("7.6.0.500", "The host is away.")]
    public void The_message_says_what_to_do_where_the_view_of_errors_does_not(string powerShell, string shown)
    {
        var details = ErrorRecords.Details("The host is away.", "Bring it back.", Version.Parse(powerShell));

        Assert.Equal(shown, details.Message);
        Assert.Equal("Bring it back.", details.RecommendedAction);
    }
}
