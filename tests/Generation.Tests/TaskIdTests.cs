using Microsoft.Extensions.Time.Testing;

namespace SdAspire.Generation.Tests;

public sealed class TaskIdTests
{
    [Fact]
    public void Ids_sort_by_time_as_text()
    {
        var time = new FakeTimeProvider();
        var ids = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            ids.Add(TaskId.New(time));
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        ids.ShouldBe(ids.Order(StringComparer.Ordinal));
        ids.ShouldAllBe(id => TaskId.IsValid(id));
    }

    [Fact]
    public void Ids_of_one_moment_differ()
    {
        var time = new FakeTimeProvider();
        Enumerable.Range(0, 1000).Select(_ => TaskId.New(time)).Distinct().Count().ShouldBe(1000);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("01j8zq4x7v9t3n2m5k6h8g1f0e")]
    [InlineData("01J8ZQ4X7V9T3N2M5K6H8G1F0")]
    [InlineData("../../../../../../etc/pass")]
    [InlineData("01J8ZQ4X7V9T3N2M5K6H8G1F0U")]
    public void Nothing_else_is_an_id(string? text) => TaskId.IsValid(text).ShouldBeFalse();
}
