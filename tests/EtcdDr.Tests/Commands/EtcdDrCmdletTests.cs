using System.Management.Automation;
using EtcdDr.Engine.Operations;

namespace EtcdDr.Tests.Commands;

public sealed class EtcdDrCmdletTests
{
    [Fact]
    public async Task Objects_from_many_threads_reach_the_pipeline()
    {
        var result = await RunAsync(
            (cmdlet, _, ct) =>
                Parallel.ForEachAsync(
                    Enumerable.Range(0, 5000),
                    ct,
                    (i, _) =>
                    {
                        cmdlet.Emit(i);
                        return ValueTask.CompletedTask;
                    }
                )
        );

        Assert.Equal(Enumerable.Range(0, 5000), result.Output.Select(o => (int)o.BaseObject).Order());
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task Messages_of_an_operation_reach_their_streams()
    {
        var result = await RunAsync(
            (_, context, _) =>
            {
                context.Sink.Verbose("detail");
                context.Sink.Warning("attention");
                context.Sink.Information("news");
                context.Sink.Error(InvokeWorkCommand.Failure());
                return Task.CompletedTask;
            },
            "Invoke-Work -Work $work -Verbose; 'after'"
        );

        Assert.Equal(["detail"], result.Verbose);
        Assert.Equal(["attention"], result.Warnings);
        Assert.Equal(["news"], result.Information);
        Assert.Equal("HostKeyUnknown,EtcdDr.Tests.Commands.InvokeWorkCommand", Assert.Single(result.Errors).FullyQualifiedErrorId);
        Assert.Equal("after", Assert.Single(result.Output).BaseObject);
    }

    [Fact]
    public async Task One_objects_failure_is_an_error_with_its_identifier_and_its_remedy_and_the_next_object_goes_on()
    {
        var result = await RunAsync(
            (cmdlet, _, _) =>
            {
                cmdlet.Emit(cmdlet.InputObject!.Value);
                return cmdlet.InputObject == 2 ? throw InvokeWorkCommand.Failure() : Task.CompletedTask;
            },
            "1, 2, 3 | Invoke-Work -Work $work"
        );

        Assert.Equal([1, 2, 3], result.Output.Select(o => (int)o.BaseObject));
        var error = Assert.Single(result.Errors);
        Assert.Equal("HostKeyUnknown,EtcdDr.Tests.Commands.InvokeWorkCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.SecurityError, error.CategoryInfo.Category);
        Assert.Equal("cp1", error.TargetObject);
        Assert.Equal("Accept its key.", error.ErrorDetails.RecommendedAction);
        Assert.Equal("Host cp1 is unknown.", error.ToString());
    }

    [Theory]
    [InlineData("Stop", 2, true)]
    [InlineData("SilentlyContinue", 3, false)]
    public async Task What_one_objects_failure_means_is_said_by_ErrorAction(string action, int worked, bool stops)
    {
        var seen = 0;

        var result = await RunAsync(
            (cmdlet, _, _) => ++seen == 2 ? throw InvokeWorkCommand.Failure() : Task.CompletedTask,
            $"1, 2, 3 | Invoke-Work -Work $work -ErrorAction {action}; 'after'"
        );

        Assert.Equal(worked, seen);
        Assert.Equal(stops, result.Output.Count == 0);
    }

    [Theory]
    [InlineData("th-TH")]
    [InlineData("tr-TR")]
    public async Task What_the_work_writes_is_the_same_whatever_calendar_decimal_sign_and_letters_the_user_has(string culture)
    {
        var result = await RunAsync(
            async (cmdlet, _, _) =>
            {
                await Task.Yield();
                cmdlet.Emit(
                    $"{new DateTime(2026, 11, 22):yyyy-MM-dd} {1.5} {"ID".ToLower(System.Globalization.CultureInfo.CurrentCulture)}"
                );
            },
            $"[System.Threading.Thread]::CurrentThread.CurrentCulture = '{culture}'; Invoke-Work -Work $work; "
                + "[cultureinfo]::CurrentCulture.Name"
        );

        Assert.Equal(["2026-11-22 1.5 id", culture], result.Output.Select(o => o.BaseObject));
    }

    [Theory]
    [InlineData("-Begin", 0)]
    [InlineData("-End", 3)]
    public async Task What_fails_before_or_after_all_objects_ends_the_command(string when, int worked)
    {
        var seen = 0;

        var result = await RunAsync(
            (_, _, _) =>
            {
                seen++;
                return Task.CompletedTask;
            },
            $"try {{ 1, 2, 3 | Invoke-Work -Work $work {when}; 'not reached' }} catch {{ $_.FullyQualifiedErrorId }}"
        );

        Assert.Equal(worked, seen);
        Assert.Equal("HostKeyUnknown,EtcdDr.Tests.Commands.InvokeWorkCommand", Assert.Single(result.Output).BaseObject);
    }

    [Fact]
    public async Task A_failure_that_nobody_foresaw_says_that_it_should_be_reported()
    {
        var result = await RunAsync((_, _, _) => throw new InvalidTimeZoneException("odd"));

        var error = Assert.Single(result.Errors);
        Assert.StartsWith("UnexpectedError,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("odd", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("report", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.IsType<InvalidTimeZoneException>(error.Exception);
    }

    [Fact]
    public async Task Questions_are_asked_on_the_pipeline_thread_and_answered_to_the_worker()
    {
        var answers = new List<bool>();

        await RunAsync(
            async (cmdlet, _, _) =>
            {
                answers.Add(await cmdlet.AskAsync("cp1", "Stop"));
                answers.Add(await cmdlet.AskAsync("cp2", "Stop"));
            },
            answers: ["Yes", "No"]
        );

        Assert.Equal([true, false], answers);
    }

    [Fact]
    public async Task WhatIf_refuses_without_a_prompt()
    {
        var answer = true;

        var result = await RunAsync(
            async (cmdlet, _, _) => answer = await cmdlet.AskAsync("cp1", "Stop"),
            "Invoke-Work -Work $work -WhatIf"
        );

        Assert.False(answer);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task A_prompt_that_nobody_can_answer_ends_the_cmdlet_after_its_clean_up()
    {
        var cleaned = false;

        var result = await RunAsync(
            async (cmdlet, _, _) =>
            {
                try
                {
                    await cmdlet.AskAsync("cp1", "Stop");
                }
                finally
                {
                    cleaned = true;
                }
            }
        );

        Assert.True(cleaned);
        Assert.Single(result.Errors);
    }

    [Fact]
    public async Task A_stopped_cmdlet_has_cleaned_up_before_the_pipeline_ends()
    {
        using var stop = new CancellationTokenSource();
        var cleaned = false;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            RunAsync(
                async (_, context, ct) =>
                {
                    try
                    {
                        await stop.CancelAsync();
                        await Task.Delay(Timeout.Infinite, ct);
                    }
                    finally
                    {
                        context.Sink.Verbose("cleaning up");
                        await Task.Delay(100, CancellationToken.None);
                        cleaned = true;
                    }
                },
                "Invoke-Work -Work $work -Verbose",
                stop: stop.Token
            )
        );

        Assert.True(cleaned);
    }

    [Fact]
    public async Task Work_that_ignores_a_stop_is_left_behind_at_the_time_limit()
    {
        using var stop = new CancellationTokenSource();
        var release = new TaskCompletionSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            RunAsync(
                async (_, _, _) =>
                {
                    await stop.CancelAsync();
                    await release.Task;
                },
                "Invoke-Work -Work $work -Limit 00:00:00.1",
                stop: stop.Token
            )
        );

        release.SetResult();
    }

    [Fact]
    public async Task A_pipeline_that_takes_no_more_objects_cancels_the_work()
    {
        var cancelled = false;

        var result = await RunAsync(
            async (cmdlet, _, ct) =>
            {
                try
                {
                    for (var i = 0; ; i++)
                    {
                        cmdlet.Emit(i);
                        ct.ThrowIfCancellationRequested();
                        await Task.Yield();
                    }
                }
                catch (OperationCanceledException)
                {
                    cancelled = true;
                    throw;
                }
            },
            "Invoke-Work -Work $work | ForEach-Object { $_; if ($_ -eq 2) { break } }"
        );

        Assert.True(cancelled);
        Assert.Equal([0, 1, 2], result.Output.Select(o => (int)o.BaseObject));
    }

    [Fact]
    public async Task ErrorAction_Stop_ends_the_work_at_the_first_error()
    {
        var cancelled = false;

        var result = await RunAsync(
            async (_, context, ct) =>
            {
                context.Sink.Error(InvokeWorkCommand.Failure());
                try
                {
                    await Task.Delay(Timeout.Infinite, ct);
                }
                finally
                {
                    cancelled = true;
                }
            },
            "Invoke-Work -Work $work -ErrorAction Stop"
        );

        Assert.True(cancelled);
        Assert.StartsWith("HostKeyUnknown", result.Terminating!.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paths_are_resolved_as_the_session_sees_them()
    {
        var paths = new List<string>();

        await RunAsync(
            (cmdlet, _, _) =>
            {
                paths.Add(cmdlet.Resolve("a/../b"));
                return Task.CompletedTask;
            },
            "$ExecutionContext.SessionState.Path.SetLocation([IO.Path]::GetTempPath()) | Out-Null; Invoke-Work -Work $work"
        );

        Assert.Equal(Path.Combine(Path.GetTempPath(), "b"), Assert.Single(paths));
    }

    [Fact]
    public async Task A_path_that_is_no_file_is_refused()
    {
        var result = await RunAsync(
            (cmdlet, _, _) =>
            {
                cmdlet.Resolve("variable:x");
                return Task.CompletedTask;
            }
        );

        Assert.StartsWith("PathNotFileSystem", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_left_open_by_a_failure_is_taken_off_the_screen()
    {
        var result = await RunAsync(
            (_, context, _) =>
            {
                context.Sink.Progress(new ProgressUpdate("Copy", "cp1", "Uploading"));
                throw InvokeWorkCommand.Failure();
            }
        );

        Assert.Equal(2, result.Progress.Count(p => p.RecordType == ProgressRecordType.Completed));
    }

    [Fact]
    public async Task Progress_is_completed_where_the_first_error_ends_the_pipeline()
    {
        var result = await RunAsync(
            async (_, context, ct) =>
            {
                context.Sink.Progress(new ProgressUpdate("Copy", "cp1", "Uploading"));
                context.Sink.Error(InvokeWorkCommand.Failure());
                await Task.Delay(Timeout.Infinite, ct);
            },
            "Invoke-Work -Work $work -ErrorAction Stop"
        );

        Assert.Equal(
            result.Progress.Select(p => p.ActivityId).Distinct().Order(),
            result.Progress.Where(p => p.RecordType == ProgressRecordType.Completed).Select(p => p.ActivityId).Order()
        );
        Assert.Equal(2, result.Progress.Count(p => p.RecordType == ProgressRecordType.Completed));
    }

    [Fact]
    public async Task Progress_is_off_the_screen_while_a_question_is_asked_and_comes_back_with_the_next_step()
    {
        var result = await RunAsync(
            async (cmdlet, context, _) =>
            {
                context.Sink.Progress(new ProgressUpdate("Remove", null, "Reading"));
                await cmdlet.AskAsync("cp1", "Stop");
                context.Sink.Progress(new ProgressUpdate("Remove", null, "Reading"));
            },
            "Invoke-Work -Work $work -WhatIf"
        );

        Assert.Equal(
            [ProgressRecordType.Processing, ProgressRecordType.Completed, ProgressRecordType.Processing, ProgressRecordType.Completed],
            result.Progress.Select(p => p.RecordType)
        );
    }

    private static Task<CmdletResult> RunAsync(
        Func<InvokeWorkCommand, OperationContext, CancellationToken, Task> work,
        string script = "Invoke-Work -Work $work",
        IReadOnlyList<string>? answers = null,
        CancellationToken stop = default
    )
    {
        var runspace = new CmdletRunspace
        {
            Cmdlets = new Dictionary<string, Type> { ["Invoke-Work"] = typeof(InvokeWorkCommand) },
            Variables = new Dictionary<string, object?> { ["work"] = work },
            Answers = answers ?? [],
        };
        return runspace.RunAsync(script, stop);
    }
}
