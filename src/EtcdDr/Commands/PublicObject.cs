using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;

namespace EtcdDr.Commands;

/// <summary>
/// Makes objects of <c>EtcdDr.Objects</c> out of what PowerShell makes of them on their way through a job, a remote session or
/// <c>Export-Clixml</c>: bags of properties, whose type names begin with <c>Deserialized.</c> Secrets are in no public property, so they do
/// not come back.
/// </summary>
internal static class PublicObject
{
    /// <summary>Whether a value is such a bag.</summary>
    public static bool IsDeserialized<T>(object? value) =>
        value is PSObject bag && bag.TypeNames.Contains("Deserialized." + typeof(T).FullName);

    /// <summary>The object; null where a property is missing that it needs, or is something else.</summary>
    /// <param name="bag">Its properties.</param>
    public static T? Restore<T>(PSObject bag)
        where T : class
    {
        try
        {
            return (T)Object(typeof(T), bag);
        }
        catch (Exception e) when (e is PSInvalidCastException or InvalidCastException or ArgumentException or TargetInvocationException)
        {
            // PowerShell's own error says then that this is no such object.
            return null;
        }
    }

    private static object? Value(Type type, object? value)
    {
        var plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        if (plain is null)
        {
            return null;
        }

        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Value(inner, value);
        }

        if (type.IsEnum)
        {
            return plain is string name ? Enum.Parse(type, name) : Enum.ToObject(type, plain);
        }

        if (type == typeof(IReadOnlyDictionary<string, string>))
        {
            return ((IDictionary)plain).Cast<DictionaryEntry>().ToDictionary(e => $"{e.Key}", e => $"{e.Value}", StringComparer.Ordinal);
        }

        if (type == typeof(IDictionary))
        {
            return plain as IDictionary ?? throw new InvalidCastException(type.Name);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            return List(type.GetGenericArguments()[0], plain);
        }

        return type.Assembly == typeof(EtcdSnapshot).Assembly
            ? Object(type, PSObject.AsPSObject(value!))
            : LanguagePrimitives.ConvertTo(plain, type, CultureInfo.InvariantCulture);
    }

    private static Array List(Type element, object value)
    {
        var items = value is IEnumerable several and not string ? several.Cast<object?>().ToList() : [value];
        var list = Array.CreateInstance(element, items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            list.SetValue(Value(element, items[i]), i);
        }

        return list;
    }

    private static object Object(Type type, PSObject bag)
    {
        if (type.IsInstanceOfType(bag.BaseObject))
        {
            return bag.BaseObject;
        }

        // Where it was written less deep than our types ask for (-Depth), only its text is left.
        if (bag.BaseObject is string)
        {
            throw new InvalidCastException(type.Name);
        }

        var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        var made = constructor.Invoke([.. constructor.GetParameters().Select(p => Value(p.ParameterType, bag.Properties[p.Name]?.Value))]);
        foreach (var property in type.GetProperties().Where(p => p.CanWrite))
        {
            if (bag.Properties[property.Name] is { Value: { } value })
            {
                property.SetValue(made, Value(property.PropertyType, value));
            }
        }

        return made;
    }
}
