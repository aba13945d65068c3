using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using EtcdDr.Engine.Reports;

namespace EtcdDr.Tests.Reports;

public sealed class JUnitReportTests
{
    // What Jenkins and Azure DevOps agree on. Order counts: Jenkins' schema wants properties before cases.
    private const string Schema = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
          <xs:complexType name="problem" mixed="true">
            <xs:attribute name="message" type="xs:string"/>
            <xs:attribute name="type" type="xs:string"/>
          </xs:complexType>
          <xs:element name="testsuites">
            <xs:complexType>
              <xs:sequence><xs:element ref="testsuite" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
              <xs:attribute name="name" type="xs:string"/>
              <xs:attributeGroup ref="totals"/>
            </xs:complexType>
          </xs:element>
          <xs:attributeGroup name="totals">
            <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
            <xs:attribute name="failures" type="xs:nonNegativeInteger"/>
            <xs:attribute name="errors" type="xs:nonNegativeInteger"/>
            <xs:attribute name="time" type="xs:decimal"/>
          </xs:attributeGroup>
          <xs:element name="testsuite">
            <xs:complexType>
              <xs:sequence>
                <xs:element name="properties" minOccurs="0">
                  <xs:complexType><xs:sequence><xs:element name="property" maxOccurs="unbounded"><xs:complexType>
                    <xs:attribute name="name" type="xs:string" use="required"/><xs:attribute name="value" type="xs:string" use="required"/>
                  </xs:complexType></xs:element></xs:sequence></xs:complexType>
                </xs:element>
                <xs:element name="testcase" minOccurs="0" maxOccurs="unbounded">
                  <xs:complexType>
                    <xs:choice minOccurs="0">
                      <xs:element name="skipped" type="problem"/><xs:element name="failure" type="problem"/>
                      <xs:element name="error" type="problem"/><xs:element name="system-out" type="xs:string"/>
                    </xs:choice>
                    <xs:attribute name="name" type="xs:string" use="required"/>
                    <xs:attribute name="classname" type="xs:string" use="required"/>
                    <xs:attribute name="time" type="xs:decimal"/>
                  </xs:complexType>
                </xs:element>
              </xs:sequence>
              <xs:attribute name="name" type="xs:string" use="required"/>
              <xs:attribute name="id" type="xs:nonNegativeInteger"/>
              <xs:attribute name="skipped" type="xs:nonNegativeInteger"/>
              <xs:attribute name="timestamp" type="xs:dateTime"/>
              <xs:attributeGroup ref="totals"/>
            </xs:complexType>
          </xs:element>
        </xs:schema>
        """;

    [Fact]
    public void The_document_is_of_the_form_that_publishers_take()
    {
        var schemas = new XmlSchemaSet();
        schemas.Add(null, XmlReader.Create(new StringReader(Schema)));
        var faults = new List<string>();

        Write(ReportSamples.Everything()).Validate(schemas, (_, fault) => faults.Add(fault.Message));

        Assert.Empty(faults);
    }

    [Fact]
    public void Totals_are_the_sums_of_the_cases()
    {
        var document = Write(ReportSamples.Everything());

        Assert.All(
            document.Descendants("testsuite").Append(document.Root!),
            suite =>
            {
                Assert.Equal(suite.Descendants("testcase").Count(), (int)suite.Attribute("tests")!);
                Assert.Equal(suite.Descendants("failure").Count(), (int)suite.Attribute("failures")!);
            }
        );
    }

    [Fact]
    public void A_snapshots_check_fails_with_any_finding_and_names_kind_message_and_remedy()
    {
        var failures = Failures(Write(ReportSamples.Of([.. ReportSamples.Tests])));

        Assert.Equal(["Pages", "Permissions"], failures.Select(f => (string)f.Parent!.Attribute("name")!));
        Assert.Equal(["Error", "Warning"], failures.Select(f => (string)f.Attribute("type")!));
        Assert.Contains("Use another copy of it.", failures[1].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mirror_check_fails_where_a_restore_would_and_what_is_not_known_is_skipped()
    {
        var document = Write(ReportSamples.Of([.. ReportSamples.Mirror]));

        Assert.Equal(["PodCidr", "Images (cp2)"], Failures(document).Select(f => (string)f.Parent!.Attribute("name")!));
        Assert.Equal("Clock (cp1)", (string)Assert.Single(document.Descendants("skipped")).Parent!.Attribute("name")!);
    }

    [Fact]
    public void A_restore_is_a_case_for_each_step_and_one_for_its_end()
    {
        var document = Write(ReportSamples.Of(ReportSamples.Restore));

        var failures = Failures(document);
        Assert.Equal(["Converge: wait-ready", "State"], failures.Select(f => (string)f.Parent!.Attribute("name")!));
        Assert.Equal("Incomplete", (string)failures[1].Attribute("type")!);
        Assert.Contains("Not ready: Pod kube-system/coredns-590c9b1fd6-dzkkj", failures[1].Value, StringComparison.Ordinal);
        Assert.Equal(
            "14.500",
            (string)document.Descendants("property").Single(p => (string)p.Attribute("name")! == "apiDowntimeSeconds").Attribute("value")!
        );
    }

    private static List<XElement> Failures(XDocument document) => [.. document.Descendants("failure")];

    private static XDocument Write(ReportContent content) =>
        XDocument.Parse(ReportFile.Format(content, EtcdReportFormat.JUnit, "nightly", ReportSamples.Now));
}
