namespace EtcdDr.Engine.Trust;

/// <summary>An entry of a Windows access control list that allows something.</summary>
/// <param name="Sid">Security identifier of the user or group, for example <c>S-1-5-32-544</c>.</param>
/// <param name="Rights">What it may do.</param>
/// <param name="InheritOnly">Whether it is for what is made in the directory later, and not for the directory.</param>
internal sealed record AccessEntry(string Sid, WindowsRights Rights, bool InheritOnly = false);
