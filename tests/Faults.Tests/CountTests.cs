using System.Text;
using System.Text.Json.Nodes;
using SdAspire.Tests.Shared;

namespace SdAspire.Faults.Tests;

/// <summary>That the counts can be wrong: whoever counts nothing finds nothing.</summary>
public sealed class CountTests
{
    private const string Stranger = "01JZZZZZZZZZZZZZZZZZZZZZZZ";
    private const string NeverQueued = "01JYYYYYYYYYYYYYYYYYYYYYYY";

    [Fact]
    public async Task What_is_lost_torn_or_unasked_for_is_counted()
    {
        var fault = new Fault("sabotage", 1, SabotageAsync) { Standstill = TimeSpan.FromSeconds(5) };

        var result = await FaultRunner.RunAsync(fault, prompts: 3);

        result.IsGood.ShouldBeFalse();
        (result.Accepted, result.Painted).ShouldBe((4, 1), string.Join('\n', result.Problems));
        (result.Lost, result.Torn, result.Duplicated).ShouldBe((1, 2, 1));
        result.Problems.ShouldContain(problem => problem.Contains(Stranger, StringComparison.Ordinal));
        result.Problems.ShouldContain("it did not come to an end");
    }

    private static async Task SabotageAsync(FaultRun run)
    {
        await run.UnderWayAsync(1);
        using var bucket = new BucketView(run.App.StorageConnection);
        await Eventually.TrueAsync(async () =>
        {
            var keys = await bucket.ListAsync();
            return run.Load.Accepted.Keys.All(id => keys.Contains($"{id}.json"));
        }, "all are painted");
        var (id, other) = (run.Load.Accepted.Keys.First(), run.Load.Accepted.Keys.Last());
        var png = (await bucket.GetAsync($"{id}-0.png"))!;
        await bucket.PutAsync($"{id}-0.png", png[..(png.Length / 2)]);
        png = (await bucket.GetAsync($"{other}-0.png"))!;
        png[png.Length / 2] ^= 1;
        await bucket.PutAsync($"{other}-0.png", png);
        var record = JsonNode.Parse(await bucket.GetAsync($"{id}.json"))!;
        record["task"]!["id"] = Stranger;
        record["task"]!["prompt"] = "nobody's";
        record["task"]!["count"] = 0;
        record["pictures"] = new JsonArray();
        await bucket.PutAsync($"{Stranger}.json", Encoding.UTF8.GetBytes(record.ToJsonString()));
        run.Load.Accepted[NeverQueued] = "never queued";
        run.Count();
    }
}
