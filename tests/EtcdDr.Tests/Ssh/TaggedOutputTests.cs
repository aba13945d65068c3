using System.Text;
using EtcdDr.Engine.Ssh.Commands;

namespace EtcdDr.Tests.Ssh;

public sealed class TaggedOutputTests
{
    private const string Tag = "etcddr-0123456789abcdef";

    [Theory]
    [InlineData("", "the output\n")]
    [InlineData("Welcome to cp1: authorised use only\n", "the output\n")]
    [InlineData("no line feed at the end", "")]
    [InlineData("etcddr-0123456789abcde\netcddr-etcddr-0123456789abcdef", "etcddr-0123456789abcdef\nis output now\n")]
    public void What_comes_before_the_tag_is_dropped_however_it_is_cut(string foreword, string output)
    {
        var whole = Encoding.UTF8.GetBytes($"{foreword}{Tag}\n{output}");
        foreach (var size in new[] { 1, 2, 3, 7, 24, whole.Length })
        {
            using var taken = new CollectingStream(4096);
            using var tagged = new TaggedOutput(taken, Tag);
            foreach (var part in whole.Chunk(size))
                tagged.Write(part);

            Assert.True(tagged.Begun);
            Assert.Equal(foreword.Trim(), tagged.Foreword);
            Assert.Equal(output, Encoding.UTF8.GetString(taken.Take()));
        }
    }

    [Fact]
    public void Output_without_the_tag_is_none_of_the_scripts()
    {
        using var taken = new CollectingStream(4096);
        using var tagged = new TaggedOutput(taken, Tag);
        tagged.Write("This account is currently not available.\n"u8);
        Assert.False(tagged.Begun);
        Assert.Equal("This account is currently not available.", tagged.Foreword);
        Assert.Empty(taken.Take());
    }

    [Fact]
    public void Of_an_endless_foreword_little_is_kept()
    {
        using var tagged = new TaggedOutput(Stream.Null, Tag);
        for (var i = 0; i < 1000; i++)
            tagged.Write(new byte[1000]);

        Assert.InRange(tagged.Foreword.Length, 1, 2048);
    }
}
