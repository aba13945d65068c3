using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace EtcdDr.Engine.Etcd.Database;

/// <summary>Reads the buckets other than <c>key</c>: sums their entries and notes what they tell about the cluster.</summary>
internal sealed class ServerState
{
    // Bounds memory on hostile files; etcd clusters have some members.
    private const int MaximumListed = 1000;
    private const int MaximumJsonBytes = 64 * 1024;

    internal long Entries { get; private set; }

    internal long ScheduledCompact { get; private set; } = -1;

    internal long FinishedCompact { get; private set; } = -1;

    internal long ConsistentIndex { get; private set; }

    internal long Term { get; private set; }

    internal string? StorageVersion { get; private set; }

    internal string? ClusterVersion { get; private set; }

    internal bool AuthEnabled { get; private set; }

    internal int AuthUsers { get; private set; }

    internal int AuthRoles { get; private set; }

    internal int Leases { get; private set; }

    internal List<DatabaseMember> Members { get; } = [];

    internal List<string> RemovedMembers { get; } = [];

    internal List<string> Alarms { get; } = [];

    /// <summary>Takes an entry; false if it is not one that etcd writes.</summary>
    internal bool Take(string bucket, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Entries++;
        switch (bucket)
        {
            case "meta":
                return TakeMeta(key, value);
            case "members":
                return TakeMember(key, value);
            case "members_removed":
                return TryMemberId(key, out var removed) && Add(RemovedMembers, removed);
            case "alarm":
                return TakeAlarm(key);
            case "cluster":
                ClusterVersion = key.SequenceEqual("clusterVersion"u8) ? ShortText(value) : ClusterVersion;
                return true;
            case "auth":
                AuthEnabled = key.SequenceEqual("authEnabled"u8) ? value.SequenceEqual((ReadOnlySpan<byte>)[1]) : AuthEnabled;
                return true;
            case "authUsers":
                AuthUsers++;
                return true;
            case "authRoles":
                AuthRoles++;
                return true;
            case "lease":
                Leases++;
                return key.Length == 8;
            default:
                return true;
        }
    }

    private static string ShortText(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value[..Math.Min(value.Length, 64)]);

    private static bool TryNumber(ReadOnlySpan<byte> value, out long number)
    {
        number = value.Length == 8 ? BinaryPrimitives.ReadInt64BigEndian(value) : 0;
        return value.Length == 8;
    }

    private static bool Add(List<string> list, string text)
    {
        if (list.Count < MaximumListed)
        {
            list.Add(text);
        }

        return true;
    }

    // etcd writes ids without leading zeros (types.ID.String), so one in sixteen is shorter than its 16 digits.
    private static bool TryMemberId(ReadOnlySpan<byte> key, out string id)
    {
        var good = Utf8Parser.TryParse(key, out ulong number, out var used, 'x') && used == key.Length && key.Length <= 16;
        id = number.ToString("x16");
        return good;
    }

    private bool TakeMeta(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("consistent_index"u8))
        {
            var good = TryNumber(value, out var number);
            ConsistentIndex = number;
            return good;
        }

        if (key.SequenceEqual("term"u8))
        {
            var good = TryNumber(value, out var number);
            Term = number;
            return good;
        }

        if (key.SequenceEqual("finishedCompactRev"u8))
        {
            var good = MvccRecord.TryParseRevision(value, out var main, out _, out _);
            FinishedCompact = main;
            return good;
        }

        if (key.SequenceEqual("scheduledCompactRev"u8))
        {
            var good = MvccRecord.TryParseRevision(value, out var main, out _, out _);
            ScheduledCompact = main;
            return good;
        }

        StorageVersion = key.SequenceEqual("storageVersion"u8) ? ShortText(value) : StorageVersion;
        return true;
    }

    private bool TakeMember(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!TryMemberId(key, out var id) || value.Length > MaximumJsonBytes)
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(value.ToArray());
            var member = document.RootElement;
            if (Members.Count < MaximumListed)
            {
                Members.Add(
                    new DatabaseMember(
                        id,
                        Property(member, "name") is { ValueKind: JsonValueKind.String } name ? name.GetString()! : string.Empty,
                        Strings(Property(member, "peerURLs")),
                        Strings(Property(member, "clientURLs")),
                        Property(member, "isLearner") is { ValueKind: JsonValueKind.True }
                    )
                );
            }

            return true;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // Reported by the caller as a damaged entry of this bucket; the JSON itself may be anything and is not repeated.
            return false;
        }
    }

    private static JsonElement? Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var property) ? property : null;

    private static List<string> Strings(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } array
            ? array.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!).ToList()
            : [];

    // The key is an etcdserverpb.AlarmMember: 1 member id, 2 alarm (1 NOSPACE, 2 CORRUPT).
    private bool TakeAlarm(ReadOnlySpan<byte> key)
    {
        ulong member = 0,
            alarm = 0;
        var fields = new ProtoReader(key);
        while (fields.TryNext())
        {
            member = fields is { Field: 1, WireType: 0 } ? fields.Number : member;
            alarm = fields is { Field: 2, WireType: 0 } ? fields.Number : alarm;
        }

        var name = alarm switch
        {
            1 => "NOSPACE",
            2 => "CORRUPT",
            _ => $"alarm {alarm}",
        };
        return !fields.Malformed && Add(Alarms, $"{name} on member {member:x16}");
    }
}
