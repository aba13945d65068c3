namespace EtcdDr.Tests.Objects;

public sealed class EtcdDrExceptionTests
{
    [Fact]
    public void An_error_keeps_its_identifier_and_its_remedy()
    {
        var error = new EtcdDrException(
            "HostKeyUnknown",
            EtcdDrErrorCategory.SecurityError,
            "Host cp1 is unknown.",
            "Accept its key.",
            "cp1"
        );

        Assert.Equal("HostKeyUnknown", error.ErrorId);
        Assert.Equal("Accept its key.", error.RecommendedAction);
        Assert.Equal("cp1", error.Target);
    }
}
