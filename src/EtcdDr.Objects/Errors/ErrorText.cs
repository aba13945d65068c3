using System.Globalization;

namespace EtcdDr;

/// <summary>Fills the texts of <c>Errors.resx</c>.</summary>
internal static class ErrorText
{
    /// <summary>The text with its places filled. Numbers and times are written as the current culture has them, which is the invariant one
    /// in all work of cmdlets; braces in a value stay as they are.</summary>
    /// <param name="text">A composite format, from <c>Errors</c>.</param>
    /// <param name="values">What its places stand for, in the order that the entry's comment names.</param>
    public static string With(this string text, params object?[] values) => string.Format(CultureInfo.CurrentCulture, text, values);
}
