using EtcdDr.Engine.Etcd;

namespace EtcdDr.Tests.Etcd;

public sealed class EtcdStatusErrorsTests
{
    [Theory]
    [InlineData("memberID:10276657743932975437 alarm:NOSPACE ")]
    [InlineData("memberID:10276657743932975437  alarm:NOSPACE")]
    public void Alarm_among_the_errors_of_a_status_is_an_alarm(string text)
    {
        var (alarms, errors) = EtcdStatusErrors.Split(["etcdserver: no leader", text]);

        Assert.Equal(new EtcdAlarm(10276657743932975437, "NOSPACE"), Assert.Single(alarms));
        Assert.Equal("etcdserver: no leader", Assert.Single(errors));
    }
}
