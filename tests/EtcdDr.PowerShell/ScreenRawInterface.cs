using System.Management.Automation.Host;

namespace EtcdDr.PowerShell;

/// <summary>A screen of fixed width. Without one PowerShell's formatting prints nothing.</summary>
internal sealed class ScreenRawInterface(int width) : PSHostRawUserInterface
{
    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override Size BufferSize { get; set; } = new(width, 3000);

    public override Coordinates CursorPosition { get; set; }

    public override int CursorSize { get; set; } = 1;

    public override bool KeyAvailable => false;

    public override Size MaxPhysicalWindowSize => new(width, 50);

    public override Size MaxWindowSize => new(width, 50);

    public override Coordinates WindowPosition { get; set; }

    public override Size WindowSize { get; set; } = new(width, 50);

    public override string WindowTitle { get; set; } = "";

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException("This screen cannot be read back.");

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException("This screen has no keyboard.");

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw new NotSupportedException("This screen cannot be scrolled by programs.");

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) =>
        throw new NotSupportedException("This screen cannot be written to by position.");

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
    }
}
