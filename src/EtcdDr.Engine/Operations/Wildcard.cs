using System.IO.Enumeration;

namespace EtcdDr.Engine.Operations;

/// <summary>Names with <c>*</c> and <c>?</c>, without regard to case.</summary>
public static class Wildcard
{
    /// <summary>Whether a name fits a pattern.</summary>
    public static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true);
}
