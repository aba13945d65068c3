using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdDr.Engine.Etcd;

/// <summary>
/// Separates alarms from other errors in a status reply: etcd puts each alarm there as text, <c>memberID:123 alarm:NOSPACE</c> (a protobuf
/// message printed; the spacing varies with the version).
/// </summary>
internal static partial class EtcdStatusErrors
{
    public static (IReadOnlyList<EtcdAlarm> Alarms, IReadOnlyList<string> Errors) Split(IEnumerable<string> reported)
    {
        var alarms = new List<EtcdAlarm>();
        var errors = new List<string>();
        foreach (var text in reported)
        {
            var match = Alarm().Match(text);
            if (match.Success)
            {
                alarms.Add(
                    new EtcdAlarm(ulong.Parse(match.Groups["member"].ValueSpan, CultureInfo.InvariantCulture), match.Groups["kind"].Value)
                );
            }
            else
            {
                errors.Add(text);
            }
        }

        return (alarms, errors);
    }

    [GeneratedRegex(@"^\s*memberID:\s*(?<member>\d{1,20})\s+alarm:\s*(?<kind>[A-Z]+)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Alarm();
}
