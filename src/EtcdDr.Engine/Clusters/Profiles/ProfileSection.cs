using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>A mapping of the profile whose values are read by type; whatever is wrong is an error with file, line and key.</summary>
internal sealed class ProfileSection
{
    private readonly string _file;
    private readonly YamlElement _element;

    public ProfileSection(string file, string name, YamlElement element)
    {
        _file = file;
        _element = element;
        Name = name;
        if (element.Kind != YamlKind.Mapping)
        {
            throw ProfileErrors.Invalid(file, element.Line, Errors.ProfileInvalid_Section_Part.With(name));
        }
    }

    /// <summary>What it is, for messages.</summary>
    public string Name { get; }

    public int Line => _element.Line;

    /// <summary>Members, for sections whose keys are names.</summary>
    public IReadOnlyList<YamlEntry> Entries => _element.Entries;

    public void Allow(params string[] keys)
    {
        foreach (var entry in _element.Entries)
        {
            if (!keys.Contains(entry.Key, StringComparer.Ordinal))
            {
                throw ProfileErrors.UnknownKey(_file, entry.Line, entry.Key, Name, keys);
            }
        }
    }

    public ProfileSection? Section(string key) =>
        _element[key] is { } value ? new ProfileSection(_file, Errors.ProfileInvalid_KeyOf_Part.With(key, Name), value) : null;

    public ProfileSection Item(string name, YamlElement element) => new(_file, name, element);

    public YamlElement? Value(string key) => _element[key];

    public string? Text(string key)
    {
        if (_element[key] is not { } value)
        {
            return null;
        }

        return value is { Kind: YamlKind.Scalar, Text.Length: > 0 } ? value.Text : throw Wrong(key, value, Errors.ProfileInvalid_Text_Part);
    }

    public int? Integer(string key, int minimum, int maximum)
    {
        if (_element[key] is not { } value)
        {
            return null;
        }

        return value.TryGetInteger(out var number) && number >= minimum && number <= maximum
            ? number
            : throw Wrong(key, value, Errors.ProfileInvalid_Number_Part.With(minimum, maximum));
    }

    public bool? Boolean(string key)
    {
        if (_element[key] is not { } value)
        {
            return null;
        }

        return value.TryGetBoolean(out var set) ? set : throw Wrong(key, value, Errors.ProfileInvalid_Boolean_Part);
    }

    /// <summary>A list of texts; one text alone stands for a list of one.</summary>
    public IReadOnlyList<YamlElement>? List(string key)
    {
        if (_element[key] is not { } value)
        {
            return null;
        }

        var items = value.Kind == YamlKind.Scalar ? [value] : value.Items;
        return value.Kind != YamlKind.Mapping && items.All(i => i is { Kind: YamlKind.Scalar, IsNull: false, Text.Length: > 0 })
            ? items
            : throw Wrong(key, value, Errors.ProfileInvalid_Texts_Part);
    }

    /// <summary>A path: <c>~</c> is the home directory, a relative one starts at the profile's directory.</summary>
    public ProfileFile? File(string key, string errorId) => Text(key) is { } text ? File(key, _element[key]!, text, errorId) : null;

    /// <summary>A path that stands in a list.</summary>
    public ProfileFile File(string key, YamlElement item, string errorId) => File(key, item, item.Text, errorId);

    public EtcdDrException Wrong(string key, YamlElement value, string expected) =>
        ProfileErrors.Invalid(
            _file,
            value.Line,
            value.Kind == YamlKind.Scalar
                ? Errors.ProfileInvalid_ValueNot_Part.With(key, Name, expected, value.Text)
                : Errors.ProfileInvalid_Value_Part.With(key, Name, expected)
        );

    public EtcdDrException Invalid(int line, string cause) => ProfileErrors.Invalid(_file, line, cause);

    private ProfileFile File(string key, YamlElement value, string text, string errorId) =>
        new(key, value.Line, ProfileLocator.Expand(text, Path.GetDirectoryName(_file)!), errorId);
}
