namespace EtcdDr.Engine.Ssh.Commands;

/// <summary>How a command becomes root.</summary>
internal enum SudoMode
{
    /// <summary>It does not need to: it runs as the login user, who may be root already.</summary>
    None,

    /// <summary>By a sudoers rule that asks for no password.</summary>
    WithoutPassword,

    /// <summary>By sudo, which may ask for a password on standard input.</summary>
    WithPassword,
}
