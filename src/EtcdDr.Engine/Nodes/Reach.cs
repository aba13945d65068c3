namespace EtcdDr.Engine.Nodes;

/// <summary>What came of an attempt to connect from a node to a port.</summary>
internal enum Reach
{
    /// <summary>The node has no program to try with.</summary>
    Unknown,

    /// <summary>Something listens there and is reached.</summary>
    Connects,

    /// <summary>The machine is reached and says that nothing listens there.</summary>
    Refused,

    /// <summary>Nothing came back within three seconds, or there is no way there.</summary>
    Silent,
}
