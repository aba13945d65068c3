using System.Globalization;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Commands;

/// <summary>Options of the form <c>--name value</c>; what is left over is an error.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <param name="arguments">What was typed.</param>
    /// <param name="known">Options that there are; those that take no value end in '!'.</param>
    /// <exception cref="LabException">An option is unknown or lacks its value.</exception>
    public Arguments(string[] arguments, params string[] known)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (known.Contains(name + "!"))
            {
                _values[name] = string.Empty;
                continue;
            }

            if (!known.Contains(name))
            {
                throw new LabException($"There is no option '{name}'. Options: {string.Join(", ", known.Select(k => k.TrimEnd('!')))}.");
            }

            _values[name] = i + 1 < arguments.Length ? arguments[++i] : throw new LabException($"{name} needs a value.");
        }
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string Text(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    public int Number(string name, int otherwise)
    {
        if (!_values.TryGetValue(name, out var text))
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new LabException($"{name} must be a number, not '{text}'.");
    }

    /// <summary>Bytes: a number with KiB, MiB, GiB (or k, m, g), or none.</summary>
    public long Bytes(string name)
    {
        var text = Text(name, "0");
        var digits = new string([.. text.TakeWhile(char.IsAsciiDigit)]);
        int? shift = text[digits.Length..].ToLowerInvariant() switch
        {
            "" => 0,
            "k" or "kb" or "kib" => 10,
            "m" or "mb" or "mib" => 20,
            "g" or "gb" or "gib" => 30,
            _ => null,
        };
        return shift is { } bits && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number << bits
            : throw new LabException($"{name} must be a size such as 200MiB, not '{text}'.");
    }
}
