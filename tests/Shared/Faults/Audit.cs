using System.Diagnostics;
using System.Text.Json.Nodes;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>Waits until nothing moves any more, and counts what became of what was accepted.</summary>
internal sealed class Audit(FaultRun run)
{
    private const string RecordSuffix = ".json";
    private const int IdLength = 26;
    private const int CalmLooks = 2;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether everything has ended: each task has its record, nothing is queued, and nobody works.</summary>
    public async Task<bool> EndedAsync(CancellationToken cancellationToken)
    {
        var calm = 0;
        var last = (0, 0u, 0u, 0);
        var changed = Stopwatch.GetTimestamp();
        while (calm < CalmLooks)
        {
            if (await LookAsync() is { } look)
            {
                var (missing, ready, dead, workers) = look;
                var isCalm = missing == 0 && ready == 0 && workers == 0 && dead >= run.Raw.Poison.Count + run.Doomed.Count;
                calm = isCalm ? calm + 1 : 0;
                if (look != last)
                    (last, changed) = (look, Stopwatch.GetTimestamp());
            }
            if (Stopwatch.GetElapsedTime(changed) > run.Standstill)
                return false;
            await Task.Delay(Period, cancellationToken);
        }
        return true;
    }

    public async Task<FaultResult> CountAsync(FaultResult result)
    {
        var problems = new List<string>(result.Problems);
        using var bucket = new BucketView(run.App.StorageConnection);
        var keys = await bucket.ListAsync();
        await using var broker = await BrokerView.TryConnectAsync(run.App.Messaging)
            ?? throw new InvalidOperationException("The broker is away.");
        var (inQueue, _) = await broker.CountAsync();
        var letters = await broker.TakeDeadAsync();
        problems.AddRange(letters.Where(letter => string.IsNullOrWhiteSpace(letter.Reason))
            .Select(letter => $"the dead letter {letter.Id} has no reason"));

        var asked = run.Load.Accepted.Keys.Concat(run.Raw.Tasks.Keys).ToHashSet();
        var (painted, duplicated, torn, unansweredPainted, refusedPainted) = (0, 0, 0, 0, 0);
        var owned = new HashSet<string>();
        var texts = new HashSet<string>();
        var failed = new HashSet<string>();
        foreach (var key in keys.Where(IsRecord))
        {
            var id = key[..IdLength];
            owned.Add(key);
            if (Parse(await bucket.GetAsync(key)) is not { } record || $"{record["task"]?["id"]}" != id)
            {
                torn++;
                problems.Add($"{key} is no record of its task");
                continue;
            }
            var text = $"{record["task"]!["prompt"]}";
            var isDone = $"{record["status"]}" == "done";
            if (!isDone)
                failed.Add(id);
            var faults = await FaultsAsync(bucket, record, owned);
            torn += faults.Count;
            problems.AddRange(faults);
            if (run.Raw.PoisonIds.ContainsKey(id))
                duplicated += isDone ? 1 : 0;
            else if (asked.Contains(id))
                painted += isDone && faults.Count == 0 ? 1 : 0;
            else if (run.Load.Unanswered.ContainsKey(text) && texts.Add(text))
                unansweredPainted += isDone ? 1 : 0;
            else if (run.Load.Refused.ContainsKey(text) && texts.Add(text))
                refusedPainted += isDone ? 1 : 0;
            else
            {
                duplicated++;
                problems.Add($"nobody asked for {id} ({text})");
            }
        }
        // A picture of no record: a worker's, that nobody finished.
        foreach (var key in keys.Where(key => key.EndsWith(".png", StringComparison.Ordinal) && !owned.Contains(key)))
        {
            duplicated++;
            problems.Add($"the picture {key} belongs to no record");
        }

        var poison = letters.CountBy(letter => RawMessages.Digest(letter.Body)).ToDictionary();
        var deadIds = letters.Where(letter => letter.Id is not null).CountBy(letter => letter.Id!).ToDictionary();
        var deadPoison = run.Raw.Poison.Count(poison.ContainsKey);
        var dead = asked.Where(deadIds.ContainsKey).ToList();
        duplicated += letters.Count - letters.DistinctBy(letter => RawMessages.Digest(letter.Body)).Count();
        // Painted, and a dead letter as well.
        duplicated += dead.Count(id => keys.Contains(id + RecordSuffix) && !failed.Contains(id));
        problems.AddRange(letters.Where(letter => letter.Id is { } id && asked.Contains(id) && !run.Doomed.Contains(id))
            .Select(letter => $"{letter.Id} is a dead letter: {letter.Reason}"));

        return result with
        {
            Accepted = asked.Count + run.Raw.Poison.Count,
            Unanswered = run.Load.Unanswered.Count,
            UnansweredPainted = unansweredPainted,
            TriedAgain = run.Load.TriedAgain,
            RefusedPainted = refusedPainted,
            Painted = painted,
            Dead = dead.Count + deadPoison,
            Doomed = run.Doomed.Count + run.Raw.Poison.Count,
            Lost = asked.Count(id => !deadIds.ContainsKey(id) && (!keys.Contains(id + RecordSuffix) || failed.Contains(id)))
                + run.Raw.Poison.Count - deadPoison,
            Duplicated = duplicated,
            Torn = torn,
            InQueue = inQueue,
            Problems = problems,
        };
    }

    /// <returns>Null while broker or storage are away.</returns>
    private async Task<(int Missing, uint Ready, uint Dead, int Workers)?> LookAsync()
    {
        try
        {
            using var bucket = new BucketView(run.App.StorageConnection);
            var keys = await bucket.ListAsync();
            var missing = run.Load.Accepted.Keys.Concat(run.Raw.Tasks.Keys).Count(id => !keys.Contains(id + RecordSuffix));
            await using var broker = await BrokerView.TryConnectAsync(run.App.Messaging);
            if (broker is null)
                return null;
            var (ready, dead) = await broker.CountAsync();
            return (missing, ready, dead, run.App.FindAll(Application.Worker).Count);
        }
        catch (Exception e) when (e is HttpRequestException || BrokerView.IsAway(e))
        {
            return null;
        }
    }

    /// <summary>What is wrong with the pictures of a record.</summary>
    private static async Task<IReadOnlyList<string>> FaultsAsync(BucketView bucket, JsonNode record, HashSet<string> owned)
    {
        var faults = new List<string>();
        var (task, pictures) = (record["task"]!, record["pictures"]?.AsArray() ?? []);
        if ($"{record["status"]}" == "done" && pictures.Count != task["count"]!.GetValue<int>())
            faults.Add($"{task["id"]} has {pictures.Count} pictures");
        foreach (var picture in pictures)
        {
            var key = $"{picture!["key"]}";
            owned.Add(key);
            var fault = await bucket.GetAsync(key) is { } png
                ? PngFile.Fault(png, task["width"]!.GetValue<int>(), task["height"]!.GetValue<int>())
                : "it is not there";
            if (fault is not null)
                faults.Add($"{key}: {fault}");
        }
        return faults;
    }

    private static bool IsRecord(string key) =>
        key.Length == IdLength + RecordSuffix.Length && key.EndsWith(RecordSuffix, StringComparison.Ordinal);

    private static JsonNode? Parse(byte[]? content)
    {
        try
        {
            return JsonNode.Parse(content);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
