using System.Collections.Concurrent;

namespace EtcdDr.Commands;

/// <summary>
/// Carries actions from worker threads to the pipeline thread, the only one that may write to the pipeline. Bounded, so that a worker that
/// finds objects faster than the pipeline takes them waits and memory does not grow.
/// </summary>
internal sealed class PipelineQueue : IDisposable
{
    private const int Capacity = 1024;
    private readonly BlockingCollection<Action<bool>> _actions = new(Capacity);
    private volatile bool _disposed;

    /// <summary>Hands an action over and does not wait for it. False if the pipeline takes no more.</summary>
    public bool Post(Action action) =>
        Add(live =>
        {
            if (live)
                action();
        });

    /// <summary>Hands over an action that tidies up: it runs on the pipeline thread also where the pipeline takes no more
    /// objects.</summary>
    public bool PostAlways(Action action) => Add(_ => action());

    /// <summary>Hands a question over; the task ends with the pipeline thread's answer, or is cancelled if the pipeline takes no
    /// more.</summary>
    public Task<T> AskAsync<T>(Func<T> question)
    {
        // Continuations must not run inside the pipeline thread's pump: they would block it.
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var added = Add(live =>
        {
            if (!live)
            {
                answer.TrySetCanceled();
                return;
            }

            try
            {
                answer.TrySetResult(question());
            }
            catch (EtcdDrException failure)
            {
                answer.TrySetException(failure);
            }
            catch
            {
                // The exception is the pipeline's (a refused prompt, a stop): it leaves through the pump; the worker is only told to end.
                answer.TrySetCanceled();
                throw;
            }
        });
        if (!added)
            answer.TrySetCanceled();

        return answer.Task;
    }

    /// <summary>No more actions will come; <see cref="Run"/> returns after the last one.</summary>
    public void Complete()
    {
        // The pipeline may have given up waiting and disposed the queue.
        if (!_disposed)
            _actions.CompleteAdding();
    }

    /// <summary>Runs actions on the calling (pipeline) thread until <see cref="Complete"/>; what an action throws leaves at once.</summary>
    /// <param name="giveUp">When it is cancelled the rest is discarded.</param>
    /// <returns>Whether <see cref="Complete"/> was called in time.</returns>
    public bool Run(CancellationToken giveUp) => Consume(live: true, giveUp);

    /// <summary>Discards actions, so that workers that are cleaning up do not wait for room, until <see cref="Complete"/>.</summary>
    /// <param name="giveUp">Ends the wait.</param>
    /// <returns>Whether <see cref="Complete"/> was called in time.</returns>
    public bool Drain(CancellationToken giveUp) => Consume(live: false, giveUp);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _actions.Dispose();
    }

    private bool Consume(bool live, CancellationToken giveUp)
    {
        try
        {
            foreach (var action in _actions.GetConsumingEnumerable(giveUp))
                action(live);

            return true;
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            // Whoever still waits for room or for an answer is told that there is none.
            _actions.CompleteAdding();
            while (_actions.TryTake(out var action))
                action(false);

            return false;
        }
    }

    private bool Add(Action<bool> action)
    {
        try
        {
            _actions.Add(action);
            return true;
        }
        catch (InvalidOperationException)
        {
            // Completed: the pipeline is gone. ObjectDisposedException is one of these.
            return false;
        }
    }
}
