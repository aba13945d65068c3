using System.Security.Cryptography;
using EtcdDr.Engine.Etcd;

namespace EtcdDr.Tests.Etcd;

public sealed class TrailingSha256Tests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(1000)]
    public void Trailer_and_whole_are_right_however_the_stream_is_cut(int step)
    {
        var body = RandomNumberGenerator.GetBytes(700);
        byte[] whole = [.. body, .. SHA256.HashData(body)];
        using var hash = new TrailingSha256();
        foreach (var part in whole.Chunk(step))
        {
            hash.Append(part);
        }

        var (matches, sum) = hash.Finish();

        Assert.True(matches);
        Assert.Equal(whole.Length, hash.Length);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(whole)).ToLowerInvariant(), sum);
    }

    [Fact]
    public void Altered_byte_does_not_match_the_trailer()
    {
        var body = RandomNumberGenerator.GetBytes(700);
        byte[] whole = [.. body, .. SHA256.HashData(body)];
        whole[3] ^= 1;
        using var hash = new TrailingSha256();
        hash.Append(whole);

        Assert.False(hash.Finish().TrailerMatches);
    }

    [Fact]
    public void Stream_shorter_than_a_trailer_does_not_match()
    {
        using var hash = new TrailingSha256();
        hash.Append([1, 2, 3]);

        Assert.False(hash.Finish().TrailerMatches);
    }
}
