namespace EtcdDr.Bench.Measuring;

/// <summary>Changes the text of a lab's profile.</summary>
internal static class LabProfileText
{
    /// <summary>The profile with the first node of each cluster only, which is of the control plane.</summary>
    public static IEnumerable<string> OnlyFirstNodes(IEnumerable<string> lines)
    {
        var nodes = 0;
        var left = 0;
        foreach (var line in lines)
        {
            if (IsCluster(line))
            {
                nodes = 0;
            }

            // A node is three lines, the first with its name.
            if (line.TrimStart().StartsWith("- name:", StringComparison.Ordinal))
            {
                left = ++nodes > 1 ? 3 : 0;
            }

            if (left-- <= 0)
            {
                yield return line;
            }
        }
    }

    private static bool IsCluster(string line) => line.StartsWith("  ", StringComparison.Ordinal) && line.Length > 2 && line[2] != ' ';
}
