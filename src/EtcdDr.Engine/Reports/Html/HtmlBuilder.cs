using System.Net;
using System.Text;

namespace EtcdDr.Engine.Reports.Html;

/// <summary>Writes elements. Every text and every attribute's value is encoded; there is no way to pass markup through.</summary>
internal sealed class HtmlBuilder
{
    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();

    /// <summary>Opens an element; disposing what is returned closes it.</summary>
    public Scope Open(string tag, params (string Name, string? Value)[] attributes)
    {
        Start(tag, attributes);
        _open.Push(tag);
        return new Scope(this);
    }

    /// <summary>An element that holds text only.</summary>
    public HtmlBuilder Element(string tag, string? text, params (string Name, string? Value)[] attributes)
    {
        Start(tag, attributes);
        Text(text);
        _text.Append("</").Append(tag).Append('>');
        return this;
    }

    /// <summary>An element without content, such as <c>meta</c>.</summary>
    public HtmlBuilder Void(string tag, params (string Name, string? Value)[] attributes)
    {
        Start(tag, attributes);
        return this;
    }

    /// <summary>Text.</summary>
    public HtmlBuilder Text(string? text)
    {
        _text.Append(Encode(text));
        return this;
    }

    /// <summary>A line break in the page's source, for those who read it.</summary>
    public HtmlBuilder Line()
    {
        _text.Append('\n');
        return this;
    }

    /// <summary>The document's first line and a style sheet of our own, the two things that are no encoded text.</summary>
    public HtmlBuilder Doctype()
    {
        _text.Append("<!DOCTYPE html>\n");
        return this;
    }

    /// <summary>A style sheet of this assembly.</summary>
    public HtmlBuilder Style(string css)
    {
        _text.Append("<style>").Append(css).Append("</style>\n");
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    // Characters that HTML forbids even as references would be parse errors.
    private static string Encode(string? text) =>
        WebUtility.HtmlEncode(string.Concat((text ?? "").Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\uFFFD' : c)));

    private void Start(string tag, (string Name, string? Value)[] attributes)
    {
        _text.Append('<').Append(tag);
        foreach (var (name, value) in attributes)
        {
            if (value is not null)
            {
                _text.Append(' ').Append(name).Append("=\"").Append(Encode(value)).Append('"');
            }
        }

        _text.Append('>');
    }

    private void Close() => _text.Append("</").Append(_open.Pop()).Append(">\n");

    /// <summary>An open element.</summary>
    internal readonly struct Scope(HtmlBuilder builder) : IDisposable
    {
        /// <summary>Closes it.</summary>
        public void Dispose() => builder.Close();
    }
}
