using System.Text;

namespace EtcdDr.Engine.Etcd.Programs;

/// <summary>Lines that the scripts of this folder print: a word, then words in base64.</summary>
internal static class ProgramListing
{
    /// <summary>Lines of two words, the second in base64. What is no such line is passed over.</summary>
    public static IReadOnlyList<(string Kind, string Text)> Decode(string listing) =>
        [.. listing.Split('\n').Select(l => l.Split(' ')).Where(w => w.Length == 2 && IsCoded(w[1])).Select(w => (w[0], Plain(w[1])))];

    /// <summary>A word as it was; empty where it is not base64.</summary>
    public static string Plain(string coded) => IsCoded(coded) ? Encoding.UTF8.GetString(Convert.FromBase64String(coded)) : string.Empty;

    private static bool IsCoded(string text) => Convert.TryFromBase64String(text, new byte[text.Length], out _);
}
