using System.Globalization;

namespace EtcdDr.Tests.Objects;

public sealed class ErrorTextTests
{
    [Fact]
    public void Braces_in_a_value_stay_as_they_are()
    {
        Assert.Equal("{name: {0}} is lost in {1}", "{0} is lost in {1}".With("{name: {0}}", "{1}"));
    }

    [Fact]
    public void Texts_are_found_whatever_the_language_of_the_user()
    {
        var culture = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = new CultureInfo("de-DE");

            Assert.Equal("Check the path.", Engine.Errors.DatabaseNotFound_Action);
            Assert.Equal("Give one name, or none to use the context's.", Errors.ClusterNameAmbiguous_Action);
        }
        finally
        {
            CultureInfo.CurrentUICulture = culture;
        }
    }
}
