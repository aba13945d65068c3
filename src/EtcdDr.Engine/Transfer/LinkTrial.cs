using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Transfer;

/// <summary>
/// Decides in which form a stream goes to a host, by trying: its first megabytes are compressed, and, where that gains something, the link
/// is measured, and how many processors are idle meanwhile. Compressed is sent what gets there sooner so, never what does not shrink, and
/// never where not the link but the processors are the limit: three nodes' streams on a bastion of two processors took four times as long
/// so.
/// </summary>
internal static class LinkTrial
{
    private const int MiB = 1024 * 1024;
    private const int Piece = GzipMembersStream.MemberSize;
    private const int SampleSize = 2 * MiB;

    // Less is sent before the link is known.
    private const long WorthTrying = 16L * MiB;

    // What shrinks less is not worth the work at both ends.
    private const double WorthwhileShare = 0.85;

    // Of those that are idle: the host has to unpack, and what runs beside it changes.
    private const double ShareOfProcessors = 0.75;
    private const double WorthwhileGain = 1.2;

    // The first bytes only fill windows and buffers. A slow link is known after half a second.
    private const int TrialHead = 3 * MiB;
    private const int TrialSize = 24 * MiB;
    private static readonly TimeSpan TrialLimit = TimeSpan.FromMilliseconds(500);

    private static readonly CompressionLevel[] Levels = [CompressionLevel.Fastest, CompressionLevel.Optimal];

    /// <summary>Chooses the form.</summary>
    /// <param name="host">Where it goes.</param>
    /// <param name="source">What goes, from its beginning; stays open, and is read by reading the result.</param>
    /// <param name="length">How many bytes it has.</param>
    /// <param name="streams">How many such streams go out at once, this one with them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What to send, and its form: <c>plain</c> or <c>gzip</c>. Dispose it before the source.</returns>
    public static async Task<(Stream Wire, string Form)> ChooseAsync(
        IRemoteHost host,
        Stream source,
        long length,
        int streams,
        CancellationToken cancellationToken
    )
    {
        if (length < WorthTrying)
        {
            return (new HeadedStream(default, source), "plain");
        }

        var rented = LargeBuffers.Rent(SampleSize);
        var count = await source.ReadAtLeastAsync(rented.AsMemory(0, SampleSize), SampleSize, throwOnEndOfStream: false, cancellationToken);
        var sample = rented.AsMemory(0, count);
        var headed = new HeadedStream(new ArraySegment<byte>(rented, 0, count), source);
        var tried = await Task.Run(() => Try(sample.Span), cancellationToken);
        if (tried.Count == 0 || (await host.RunAsync(LinkCommands.FindGzip, cancellationToken)).Text.Trim() != "gzip")
        {
            return (headed, "plain");
        }

        var (link, spare) = await MeasureAsync(host, sample, cancellationToken);
        return Best(tried, link, spare / streams) is { } level ? (new GzipMembersStream(headed, level), "gzip") : (headed, "plain");
    }

    /// <summary>Bytes a second that the line to a host takes of what does not shrink; asked for half a second, or with 24 MiB.</summary>
    public static async Task<double> RateAsync(IRemoteHost host, CancellationToken cancellationToken)
    {
        var sample = LargeBuffers.Rent(SampleSize);
        try
        {
            RandomNumberGenerator.Fill(sample.AsSpan(0, SampleSize));
            return (await MeasureAsync(host, sample.AsMemory(0, SampleSize), cancellationToken)).Link;
        }
        finally
        {
            LargeBuffers.Return(sample);
        }
    }

    /// <summary>The level that gets most over a link, or null where none is worth it.</summary>
    /// <param name="tried">How each did on the sample.</param>
    /// <param name="link">Bytes a second that the link takes as they are.</param>
    /// <param name="processors">How many of them are idle.</param>
    internal static CompressionLevel? Best(IReadOnlyList<Trial> tried, double link, double processors)
    {
        var best = tried.MaxBy(t => t.RateOver(link, processors));
        return best is null || best.RateOver(link, processors) < WorthwhileGain * link ? null : best.Level;
    }

    /// <summary>How each level does; nothing where the first shows that the sample does not shrink.</summary>
    private static List<Trial> Try(ReadOnlySpan<byte> sample)
    {
        var tried = new List<Trial>();
        foreach (var level in Levels)
        {
            var trial = Try(sample, level);
            if (trial.Share > WorthwhileShare)
            {
                break;
            }

            tried.Add(trial);
        }

        return tried;
    }

    private static Trial Try(ReadOnlySpan<byte> sample, CompressionLevel level)
    {
        // One piece at a time, as it will be; what the first use of the compressor costs is left out by the first piece.
        var (packed, started, pieces) = (0L, 0L, 0);
        for (var at = 0; at + Piece <= sample.Length; at += Piece)
        {
            started =
                at == 0 ? started
                : started == 0 ? Stopwatch.GetTimestamp()
                : started;
            var member = GzipMembersStream.Compress(sample.Slice(at, Piece), level);
            packed += member.Count;
            LargeBuffers.Return(member.Array!);
            pieces++;
        }

        var seconds = started == 0 ? double.PositiveInfinity : Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Trial(level, packed / ((double)pieces * Piece), (pieces - 1) * Piece / seconds);
    }

    /// <summary>Bytes a second that the link takes, and how many processors were idle meanwhile.</summary>
    private static async Task<(double Link, double Spare)> MeasureAsync(
        IRemoteHost host,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        await using var trial = new TrialStream(content);
        await host.WriteAsync(LinkCommands.Drop, trial, cancellationToken);
        return (trial.Rate, trial.Spare);
    }

    /// <summary>How a level did on the sample.</summary>
    /// <param name="Level">The level.</param>
    /// <param name="Share">Size after to size before.</param>
    /// <param name="Speed">Bytes a second that one processor compresses.</param>
    internal sealed record Trial(CompressionLevel Level, double Share, double Speed)
    {
        /// <summary>Bytes a second that get over a link so, before compression.</summary>
        public double RateOver(double link, double processors) => Math.Min(Speed * processors * ShareOfProcessors, link / Share);
    }

    /// <summary>The sample over and over, for so long or so much; knows how fast it was taken.</summary>
    private sealed class TrialStream(ReadOnlyMemory<byte> content) : ReadingStream
    {
        private readonly long _begun = Stopwatch.GetTimestamp();
        private ProcessorWatch _processors = new();
        private long _given;
        private long _headTaken;
        private double _seconds;

        /// <summary>Bytes a second behind the head; where a link took no more than that, what it took in all the time.</summary>
        public double Rate =>
            _headTaken > 0 && _seconds > 0 && _given > TrialHead
                ? (_given - TrialHead) / _seconds
                : _given / Stopwatch.GetElapsedTime(_begun).TotalSeconds;

        /// <summary>Processors that were idle behind the head.</summary>
        public double Spare { get; private set; }

        /// <inheritdoc/>
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // Whoever asks for more has sent what was given before.
            if (_headTaken > 0)
            {
                _seconds = Stopwatch.GetElapsedTime(_headTaken).TotalSeconds;
            }
            else if (_given >= TrialHead)
            {
                _headTaken = Stopwatch.GetTimestamp();
                _processors = new ProcessorWatch();
            }

            if (_given >= TrialSize || Stopwatch.GetElapsedTime(_begun) > TrialLimit)
            {
                Spare = _processors.Spare();
                return ValueTask.FromResult(0);
            }

            var count = Math.Min(buffer.Length, Math.Min(content.Length, _headTaken > 0 ? buffer.Length : (int)(TrialHead - _given)));
            content[..count].CopyTo(buffer);
            _given += count;
            return ValueTask.FromResult(count);
        }
    }
}
