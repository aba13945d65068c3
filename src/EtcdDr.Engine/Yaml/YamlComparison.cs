using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Yaml;

/// <summary>Says whether two trees are the same but for one value.</summary>
internal sealed class YamlComparison(YamlElement target, Func<YamlElement, bool> isRight)
{
    private int _met;

    /// <summary>Whether the documents differ in the target alone, it stands in one place (aliases lead to others), and is right
    /// there.</summary>
    public bool OnlyTargetDiffers(IReadOnlyList<YamlElement> before, IReadOnlyList<YamlElement> after) =>
        before.Count == after.Count && before.Zip(after).All(pair => Compare(pair.First, pair.Second)) && _met == 1;

    /// <summary>Whether two trees are the same.</summary>
    public static bool Same(YamlElement one, YamlElement other) =>
        one.Kind == other.Kind && one.Text == other.Text && one.IsPlain == other.IsPlain && SameChildren(one, other, Same);

    /// <summary>Whether a tree is what a JSON value says; scalars are compared by their text.</summary>
    public static bool Is(YamlElement element, JsonNode? value) =>
        value switch
        {
            JsonObject mapping => element.Kind == YamlKind.Mapping
                && element.Entries.Count == mapping.Count
                && element.Entries.All(e => mapping.ContainsKey(e.Key) && Is(e.Value, mapping[e.Key])),
            JsonArray list => element.Kind == YamlKind.Sequence
                && element.Items.Count == list.Count
                && element.Items.Zip(list).All(pair => Is(pair.First, pair.Second)),
            _ => element.Kind == YamlKind.Scalar && element.Text == value?.ToString(),
        };

    private bool Compare(YamlElement before, YamlElement after)
    {
        if (ReferenceEquals(before, target))
        {
            _met++;
            return isRight(after);
        }

        return before.Kind == after.Kind
            && before.Text == after.Text
            && before.IsPlain == after.IsPlain
            && SameChildren(before, after, Compare);
    }

    private static bool SameChildren(YamlElement one, YamlElement other, Func<YamlElement, YamlElement, bool> same) =>
        one.Items.Count == other.Items.Count
        && one.Entries.Count == other.Entries.Count
        && one.Items.Zip(other.Items).All(pair => same(pair.First, pair.Second))
        && one.Entries.Zip(other.Entries).All(pair => pair.First.Key == pair.Second.Key && same(pair.First.Value, pair.Second.Value));
}
