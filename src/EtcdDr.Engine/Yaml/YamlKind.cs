namespace EtcdDr.Engine.Yaml;

/// <summary>What a YAML node is.</summary>
public enum YamlKind
{
    /// <summary>A single value.</summary>
    Scalar,

    /// <summary>A list.</summary>
    Sequence,

    /// <summary>Keys and values.</summary>
    Mapping,
}
