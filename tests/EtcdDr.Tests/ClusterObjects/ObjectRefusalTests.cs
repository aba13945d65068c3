using System.Net;
using EtcdDr.Engine.Kube;
using EtcdDr.Engine.Objects.Restore;

namespace EtcdDr.Tests.ClusterObjects;

public sealed class ObjectRefusalTests
{
    [Theory]
    [InlineData(500, "Internal error occurred: failed calling webhook \"a.b\": no endpoints available for service \"hook\"", true)]
    [InlineData(503, "the server is currently unable to handle the request", true)]
    [InlineData(429, "too many requests", true)]
    [InlineData(403, "unable to create new content in namespace shop because it is being terminated", true)]
    [InlineData(403, "pods \"p\" is forbidden: error looking up service account shop/web: serviceaccount \"web\" not found", true)]
    [InlineData(403, "User \"jane\" cannot patch resource \"secrets\"", false)]
    [InlineData(403, "exceeded quota: small", false)]
    [InlineData(404, "the server could not find the requested resource", true)]
    [InlineData(404, "namespaces \"shop\" not found", false)]
    [InlineData(409, "the object has been modified", true)]
    [InlineData(422, "spec.replicas: Invalid value", false)]
    [InlineData(400, "admission webhook \"a.b\" denied the request", false)]
    public void What_may_pass_is_tried_again_and_what_will_not_is_not(int status, string message, bool mayPass) =>
        Assert.Equal(mayPass, ObjectRefusal.MayPass(Refused(status, message)));

    [Fact]
    public void Fields_of_others_are_a_conflict_which_does_not_pass()
    {
        var failure = Refused(
            409,
            "Apply failed with 1 conflict",
            new KubeStatusCause("FieldManagerConflict", ".spec.replicas", "conflict")
        );

        Assert.True(ObjectRefusal.IsConflict(failure));
        Assert.False(ObjectRefusal.MayPass(failure));
        Assert.Equal(["spec.replicas"], ObjectRefusal.Fields(failure));
    }

    [Theory]
    [InlineData("Deployment.apps \"w\" is invalid: spec.selector: Invalid value: x: field is immutable", true)]
    [InlineData(
        "StatefulSet.apps \"db\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
        true
    )]
    [InlineData("Service \"s\" is invalid: spec.clusterIPs[0]: Invalid value: may not change once set", true)]
    [InlineData("Deployment.apps \"w\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0", false)]
    public void A_field_that_cannot_be_changed_is_known_by_its_words(string message, bool isImmutable) =>
        Assert.Equal(isImmutable, ObjectRefusal.IsImmutable(Refused(422, message)));

    private static EtcdDrException Refused(int status, string message, params KubeStatusCause[] causes) =>
        new(
            "KubeApiError",
            EtcdDrErrorCategory.InvalidOperation,
            message,
            "",
            null,
            new KubeStatusException((HttpStatusCode)status, "", message, causes)
        );
}
