namespace EtcdDr.Engine.Yaml;

/// <summary>Text that is not YAML, or YAML beyond what a configuration file needs. Readers turn it into an error that names the
/// file.</summary>
public sealed class YamlFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, without file and line.</param>
    /// <param name="line">Line, from 1.</param>
    /// <param name="innerException">The parser's exception, if it was one.</param>
    public YamlFormatException(string message, int line, Exception? innerException = null)
        : base(message, innerException)
    {
        Line = line;
    }

    /// <summary>Line, from 1.</summary>
    public int Line { get; }
}
