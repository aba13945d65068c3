namespace EtcdDr.Engine.Reports.Html;

/// <summary>How good something is: its colour, and the sign that says the same without colour.</summary>
internal enum Tone
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Worth a look.</summary>
    Warning,

    /// <summary>Not as it should be.</summary>
    Bad,

    /// <summary>Neither.</summary>
    Plain,
}
