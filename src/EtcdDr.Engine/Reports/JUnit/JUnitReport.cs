using System.Globalization;
using System.Text;
using System.Xml;

namespace EtcdDr.Engine.Reports.JUnit;

/// <summary>
/// Writes JUnit XML in the form that Jenkins and Azure DevOps both take: <c>testsuites</c> of <c>testsuite</c> of <c>testcase</c>, with
/// <c>failure</c>, <c>skipped</c> and <c>system-out</c>, in the order that Jenkins' schema asks for.
/// </summary>
internal static class JUnitReport
{
    private static readonly XmlWriterSettings Settings = new()
    {
        Indent = true,
        Encoding = new UTF8Encoding(false),
        NewLineChars = "\n",
    };

    /// <summary>Writes it.</summary>
    /// <param name="content">What it tells of.</param>
    /// <param name="title">Name of the whole.</param>
    /// <param name="now">When it is written, UTC.</param>
    public static string Write(ReportContent content, string title, DateTime now)
    {
        var suites = JUnitSuites.From(content).ToList();
        using var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, Settings))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", Clean(title));
            Totals(xml, suites.SelectMany(s => s.Cases).ToList());
            for (var i = 0; i < suites.Count; i++)
            {
                Suite(xml, suites[i], i, now);
            }

            xml.WriteEndElement();
        }

        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }

    /// <summary>Seconds as numbers of JUnit; null for what is not known.</summary>
    public static string? Seconds(TimeSpan? time) => time?.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    private static void Suite(XmlWriter xml, JUnitSuite suite, int id, DateTime now)
    {
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", Clean(suite.Name));
        xml.WriteAttributeString("id", id.ToString(CultureInfo.InvariantCulture));
        Totals(xml, suite.Cases);
        xml.WriteAttributeString("skipped", Count(suite.Cases, JUnitOutcome.Skipped));
        xml.WriteAttributeString("timestamp", (suite.Time ?? now).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
        var properties = suite.Properties.Where(p => p.Value is not null).ToList();
        if (properties.Count > 0)
        {
            xml.WriteStartElement("properties");
            foreach (var (name, value) in properties)
            {
                xml.WriteStartElement("property");
                xml.WriteAttributeString("name", name);
                xml.WriteAttributeString("value", Clean(value!));
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        foreach (var test in suite.Cases)
        {
            Case(xml, test);
        }

        xml.WriteEndElement();
    }

    private static void Case(XmlWriter xml, JUnitCase test)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", Clean(test.Class));
        xml.WriteAttributeString("name", Clean(test.Name));
        xml.WriteAttributeString("time", Seconds(test.Time));
        switch (test.Outcome)
        {
            case JUnitOutcome.Failed:
                xml.WriteStartElement("failure");
                xml.WriteAttributeString("message", Clean(test.Message));
                xml.WriteAttributeString("type", test.Kind);
                xml.WriteString(Clean(test.Detail ?? test.Message));
                xml.WriteEndElement();
                break;
            case JUnitOutcome.Skipped:
                xml.WriteStartElement("skipped");
                xml.WriteAttributeString("message", Clean(test.Message));
                xml.WriteEndElement();
                break;
            default:
                if (!string.IsNullOrEmpty(test.Detail))
                {
                    xml.WriteElementString("system-out", Clean(test.Detail));
                }

                break;
        }

        xml.WriteEndElement();
    }

    private static void Totals(XmlWriter xml, IReadOnlyList<JUnitCase> cases)
    {
        xml.WriteAttributeString("tests", cases.Count.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", Count(cases, JUnitOutcome.Failed));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("time", Seconds(TimeSpan.FromTicks(cases.Sum(c => c.Time.Ticks))));
    }

    private static string Count(IReadOnlyList<JUnitCase> cases, JUnitOutcome outcome) =>
        cases.Count(c => c.Outcome == outcome).ToString(CultureInfo.InvariantCulture);

    // What XML forbids (control characters, halves of surrogate pairs) may come from the output of remote commands.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
            {
                clean.Append(text, i++, 2);
            }
            else
            {
                clean.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
            }
        }

        return clean.ToString();
    }
}
