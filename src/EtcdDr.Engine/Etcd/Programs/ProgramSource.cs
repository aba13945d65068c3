namespace EtcdDr.Engine.Etcd.Programs;

/// <summary>Where one of etcd's programs comes from on a node. Its text is what the scripts take.</summary>
/// <param name="Text"><c>file:PATH</c>, <c>container:ID/PID</c>, <c>image:ID</c>, or <c>held</c> for one that was received into the work
/// directory.</param>
internal sealed record ProgramSource(string Text)
{
    /// <summary>A program that was received into the work directory of a restore.</summary>
    public static ProgramSource Held { get; } = new("held");

    /// <summary>Whether it is a file of the node, and not out of etcd's image.</summary>
    public bool IsFile => Text.StartsWith("file:", StringComparison.Ordinal);

    /// <summary>Whether it is read out of a running container.</summary>
    public bool IsContainer => Text.StartsWith("container:", StringComparison.Ordinal);

    /// <summary>In words, for plans and messages.</summary>
    /// <param name="name">The program's name.</param>
    public string Describe(string name) =>
        IsFile ? Text["file:".Length..]
        : IsContainer ? $"{name} of the etcd container"
        : $"{name} of etcd's image";
}
