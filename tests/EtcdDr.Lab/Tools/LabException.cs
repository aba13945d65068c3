namespace EtcdDr.Lab.Tools;

/// <summary>The lab could not do what was asked; the message says what and why, and is all that a user needs to see.</summary>
public sealed class LabException : Exception
{
    public LabException() { }

    public LabException(string message)
        : base(message) { }

    public LabException(string message, Exception innerException)
        : base(message, innerException) { }
}
