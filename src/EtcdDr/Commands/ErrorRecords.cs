using System.Management.Automation;

namespace EtcdDr.Commands;

/// <summary>Turns failures into PowerShell's error records.</summary>
internal static class ErrorRecords
{
    /// <summary>Identifier of a failure that nobody foresaw.</summary>
    public const string UnexpectedErrorId = "UnexpectedError";

    /// <summary>The record of an expected failure: identifier, category and target as the failure has them, and what to do about
    /// it.</summary>
    public static ErrorRecord From(EtcdDrException failure) =>
        new(failure, failure.ErrorId, Category(failure.Category), failure.Target)
        {
            ErrorDetails = new ErrorDetails(failure.Message) { RecommendedAction = failure.RecommendedAction },
        };

    /// <summary>The record of a failure that nobody foresaw: a mistake in the module. Its exception is kept whole, with its
    /// stack.</summary>
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
    public static ErrorCategory Category(EtcdDrErrorCategory category) =>
        category switch
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
