using System.Management.Automation;

namespace EtcdDr.Commands;

/// <summary>Turns failures into PowerShell's error records.</summary>
internal static class ErrorRecords
{
    /// <summary>Identifier of a failure that nobody foresaw.</summary>
    public const string UnexpectedErrorId = "UnexpectedError";

    // The first version whose default view of errors shows what to do about them.
    private static readonly Version ViewTellsAction = new(7, 5);

    /// <summary>The record of an expected failure: identifier, category and target as the failure has them, and what to do about it.</summary>
    public static ErrorRecord From(EtcdDrException failure) =>
        new(failure, failure.ErrorId, Category(failure.Category), failure.Target)
        {
            ErrorDetails = Details(failure.Message, failure.RecommendedAction, typeof(ErrorDetails).Assembly.GetName().Version!),
        };

    /// <summary>What is shown of a failure. PowerShell 7.4 shows the message only, so there it says what to do as well.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="action">What to do about it.</param>
    /// <param name="powerShell">The version of PowerShell's engine.</param>
    public static ErrorDetails Details(string message, string action, Version powerShell) =>
        new(powerShell < ViewTellsAction ? $"{message} {action}" : message) { RecommendedAction = action };

    /// <summary>The record of a failure that nobody foresaw: a mistake in the module. Its exception is kept whole, with its stack.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="command">The cmdlet.</param>
    public static ErrorRecord Unexpected(Exception failure, string command) =>
        new(failure, UnexpectedErrorId, ErrorCategory.NotSpecified, command)
        {
            ErrorDetails = new ErrorDetails(Errors.UnexpectedError.With(command, failure.GetType().Name, failure.Message))
            {
                RecommendedAction = Errors.UnexpectedError_Action,
            },
        };

    /// <summary>PowerShell's category of the same name.</summary>
    public static ErrorCategory Category(EtcdDrErrorCategory category) => category switch
    {
        EtcdDrErrorCategory.NotSpecified => ErrorCategory.NotSpecified,
        EtcdDrErrorCategory.InvalidArgument => ErrorCategory.InvalidArgument,
        EtcdDrErrorCategory.InvalidData => ErrorCategory.InvalidData,
        EtcdDrErrorCategory.ObjectNotFound => ErrorCategory.ObjectNotFound,
        EtcdDrErrorCategory.ConnectionError => ErrorCategory.ConnectionError,
        EtcdDrErrorCategory.AuthenticationError => ErrorCategory.AuthenticationError,
        EtcdDrErrorCategory.SecurityError => ErrorCategory.SecurityError,
        EtcdDrErrorCategory.PermissionDenied => ErrorCategory.PermissionDenied,
        EtcdDrErrorCategory.OperationTimeout => ErrorCategory.OperationTimeout,
        EtcdDrErrorCategory.OperationStopped => ErrorCategory.OperationStopped,
        EtcdDrErrorCategory.InvalidOperation => ErrorCategory.InvalidOperation,
        EtcdDrErrorCategory.ResourceBusy => ErrorCategory.ResourceBusy,
        EtcdDrErrorCategory.ResourceUnavailable => ErrorCategory.ResourceUnavailable,
        EtcdDrErrorCategory.ReadError => ErrorCategory.ReadError,
        EtcdDrErrorCategory.WriteError => ErrorCategory.WriteError,
        EtcdDrErrorCategory.NotImplemented => ErrorCategory.NotImplemented,
        _ => throw new ArgumentOutOfRangeException(nameof(category), category, "A category without a PowerShell counterpart."),
    };
}
