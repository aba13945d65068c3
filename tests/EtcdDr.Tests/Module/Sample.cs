using System.Reflection;
using System.Security;

namespace EtcdDr.Tests.Module;

/// <summary>Instances of the public objects with every property filled, each value as wide as it gets in practice or wider.</summary>
internal static class Sample
{
    /// <summary>A word that stands in every secret and nowhere else.</summary>
    public const string Secret = "TOPSECRET";

    /// <summary>The public objects: what cmdlets emit and what is in it.</summary>
    public static IReadOnlyList<Type> Types { get; } =
    [
        .. typeof(EtcdSnapshot)
            .Assembly.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && !typeof(Exception).IsAssignableFrom(t))
            .OrderBy(t => t.Name, StringComparer.Ordinal),
    ];

    /// <summary>A filled instance.</summary>
    public static object Of(Type type) => Value(type, type.Name);

    private static object Value(Type type, string name) =>
        type switch
        {
            _ when Nullable.GetUnderlyingType(type) is { } inner => Value(inner, name),
            _ when type == typeof(string) => (name + "-").PadRight(60, 'x'),
            _ when type == typeof(bool) => true,
            _ when type == typeof(int) => 1_234_567,
            _ when type == typeof(long) => 123_456_789_012,
            _ when type == typeof(DateTime) => new DateTime(2026, 11, 22, 23, 53, 31, DateTimeKind.Utc),
            _ when type == typeof(TimeSpan) => TimeSpan.FromSeconds(3_750.5),
            _ when type == typeof(Uri) => new Uri("https://k8s.example.com:6443"),
            _ when type == typeof(SecureString) => Hidden(),
            _ when type == typeof(byte[]) => new byte[] { 1, 2, 3 },
            _ when type.IsEnum => Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!,
            _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) => Several(
                type.GetGenericArguments()[0],
                name
            ),
            _ when type == typeof(IReadOnlyDictionary<string, string>) => new Dictionary<string, string>
            {
                [name + "1"] = (string)Value(typeof(string), name),
                [name + "2"] = "b",
            },
            _ when type == typeof(System.Collections.IDictionary) => new Dictionary<string, object>
            {
                ["apiVersion"] = Value(typeof(string), "ApiVersion"),
                ["kind"] = Value(typeof(string), "Kind"),
                ["metadata"] = new Dictionary<string, object>
                {
                    ["name"] = Value(typeof(string), "Name"),
                    ["namespace"] = Value(typeof(string), "Namespace"),
                    ["labels"] = Value(typeof(IReadOnlyDictionary<string, string>), "Labels"),
                },
                ["data"] = new Dictionary<string, object> { ["key"] = "value" },
            },
            _ when type.Assembly == typeof(EtcdSnapshot).Assembly => Object(type),
            _ => throw new NotSupportedException($"{name} is a {type}: teach Sample about it."),
        };

    private static Array Several(Type element, string name)
    {
        var array = Array.CreateInstance(element, 2);
        array.SetValue(Value(element, name), 0);
        array.SetValue(Value(element, name), 1);
        return array;
    }

    private static object Object(Type type)
    {
        var constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public)
            .Where(c => c.GetParameters() is not [var only] || only.ParameterType != type)
            .MaxBy(c => c.GetParameters().Length)!;
        var made = constructor.Invoke([.. constructor.GetParameters().Select(p => Value(p.ParameterType, p.Name!))]);
        foreach (
            var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(p => p.CanWrite)
        )
            property.SetValue(made, Value(property.PropertyType, property.Name));

        return made;
    }

    private static SecureString Hidden()
    {
        var secret = new SecureString();
        foreach (var character in Secret)
            secret.AppendChar(character);
        return secret;
    }
}
