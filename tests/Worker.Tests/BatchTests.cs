using System.Text.Json.Nodes;
using SdAspire.Generation;
using SdAspire.Tests.Shared;
using SkiaSharp;

namespace SdAspire.Worker.Tests;

/// <summary>A worker that paints several messages in one pass.</summary>
[Collection(nameof(House))]
public class BatchTests(House house)
{
    [Fact]
    public async Task Messages_that_wait_are_painted_together_as_each_would_be_alone()
    {
        await house.ClearAsync();
        var tasks = Enumerable.Range(0, 5).Select(n => WorkerProcess.Task() with
        {
            Prompt = $"red heart {n}", NegativePrompt = n == 1 ? "blurry" : null, Seed = 100 + n, GuidanceScale = 5 + n,
        }).ToList();
        await PublishAsync(tasks);
        await using var news = await EventLog.SubscribeAsync(house, tasks[2].Id);
        await using var others = await EventLog.SubscribeAsync(house, tasks[3].Id);

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__BatchSize", "4"), ("Worker__MaxTasks", "5"));

        code.ShouldBe(0, string.Join('\n', output));
        Passes(output).ShouldBe([4]);
        (await house.CountAsync()).ShouldBe(0u);
        await news.UntilAsync(GenerationEventType.Done);
        news.Seen[0].Type.ShouldBe(GenerationEventType.Started);
        news.Seen.ShouldContain(e => e.Type == GenerationEventType.Step && e.Picture == 0 && e.Of == 3);
        await others.UntilAsync(GenerationEventType.Done);
        Preview(news).ShouldNotBe(Preview(others));
        foreach (var task in tasks)
        {
            var record = (await house.RecordAsync(task.Id)).ShouldNotBeNull();
            record.Task.ShouldBe(task);
            (record.Status, record.Attempts).ShouldBe((GenerationOutcome.Done, 1));
            record.Pictures.ShouldHaveSingleItem().Seed.ShouldBe(task.Seed);
        }
        await AreAsPaintedAloneAsync(tasks);

        static string Preview(EventLog log) => log.Seen.First(e => e.Type == GenerationEventType.Step).Preview.ShouldNotBeNull();
    }

    [Fact]
    public async Task One_message_s_pictures_are_painted_together()
    {
        await house.ClearAsync();
        // With a scheduler that clips nothing, which would make chaos of any rounding in so many steps of an untrained model.
        var task = WorkerProcess.Task(count: 3, steps: 20) with { Scheduler = "euler" };
        await PublishAsync([task]);
        await using var news = await EventLog.SubscribeAsync(house, task.Id);

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__BatchSize", "2"));

        code.ShouldBe(0, string.Join('\n', output));
        Passes(output).ShouldBe([2]);
        await news.UntilAsync(GenerationEventType.Done);
        var steps = news.Seen.Where(e => e.Type == GenerationEventType.Step)
            .Select(e => (e.Picture!.Value * e.Of!.Value) + e.Step!.Value).ToList();
        steps.ShouldBe([.. steps.Order()]);
        (await house.RecordAsync(task.Id)).ShouldNotBeNull().Pictures.Select(picture => picture.Seed).ShouldBe([7, 8, 9]);
        await AreAsPaintedAloneAsync([task]);
    }

    [Fact]
    public async Task What_does_not_fit_is_painted_next_and_nothing_is_taken_beyond_the_limit()
    {
        await house.ClearAsync();
        var small = new[] { WorkerProcess.Task(), WorkerProcess.Task(), WorkerProcess.Task(), WorkerProcess.Task() };
        var wide = WorkerProcess.Task() with { Width = 96 };
        GenerationTask[] tasks = [small[0], small[1], wide, small[2], small[3]];
        await PublishAsync(tasks);

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__BatchSize", "4"), ("Worker__MaxTasks", "4"));

        code.ShouldBe(0, string.Join('\n', output));
        Passes(output).ShouldBe([2]);
        foreach (var task in tasks.SkipLast(1))
            (await house.RecordAsync(task.Id)).ShouldNotBeNull().Attempts.ShouldBe(1);
        (await house.CountAsync()).ShouldBe(1u);
        var rest = await house.TakeAsync(GenerationTopology.Queue);
        (rest.BasicProperties.MessageId, rest.Redelivered).ShouldBe((small[3].Id, false));
    }

    [Fact]
    public async Task What_a_message_of_a_batch_does_to_it_costs_the_others_nothing()
    {
        await house.ClearAsync();
        var model = await ModelThatFailsWithAsync("z");
        var good = new[] { WorkerProcess.Task(), WorkerProcess.Task(), WorkerProcess.Task() };
        var bad = WorkerProcess.Task() with { Prompt = "z" };
        await PublishAsync([good[0], bad, good[1], good[2]]);

        var (code, output) = await WorkerProcess.RunJobAsync(
            house, ("Worker__BatchSize", "4"), ("Worker__MaxTasks", "0"), ("Worker__IdleSeconds", "2"),
            ("Worker__Model", model.FullName));

        code.ShouldBe(1, string.Join('\n', output));
        Passes(output).ShouldBe([4]);
        foreach (var task in good)
            (await house.RecordAsync(task.Id)).ShouldNotBeNull().Attempts.ShouldBe(1);
        (await house.RecordAsync(bad.Id)).ShouldNotBeNull().Status.ShouldBe(GenerationOutcome.Failed);
        var dead = await house.TakeAsync(GenerationTopology.DeadQueue);
        dead.BasicProperties.MessageId.ShouldBe(bad.Id);
        MessageHeaders.ReadAttempts(dead.BasicProperties).ShouldBe(3);
        (await house.CountAsync(GenerationTopology.DeadQueue)).ShouldBe(0u);
        (await house.CountAsync()).ShouldBe(0u);
        model.Parent!.Delete(recursive: true);
    }

    [Fact]
    public async Task What_failed_before_is_painted_alone()
    {
        await house.ClearAsync();
        var tasks = new[] { WorkerProcess.Task(), WorkerProcess.Task(), WorkerProcess.Task() };
        await house.Publisher.PublishAsync(tasks[0]);
        await house.Publisher.PublishAgainAsync(tasks[1], attempts: 1);
        await house.Publisher.PublishAsync(tasks[2]);

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__BatchSize", "4"), ("Worker__MaxTasks", "0"));

        code.ShouldBe(0, string.Join('\n', output));
        Passes(output).ShouldBeEmpty();
        foreach (var task in tasks)
            (await house.RecordAsync(task.Id)).ShouldNotBeNull().Status.ShouldBe(GenerationOutcome.Done);
    }

    [Fact]
    public async Task Stopped_in_the_middle_it_puts_all_of_them_back()
    {
        await house.ClearAsync();
        // The last one fits into no pass with the others and waits in the worker's hand.
        GenerationTask[] tasks = [Long(), Long(), Long(), WorkerProcess.Task()];
        await PublishAsync(tasks);
        await using var news = await EventLog.SubscribeAsync(house, tasks[2].Id);
        await using var worker = WorkerProcess.StartJob(house, ("Worker__BatchSize", "4"), ("Worker__MaxTasks", "0"));
        await news.UntilAsync(GenerationEventType.Step);

        await worker.StopAsync();

        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
        Passes(worker.Output).ShouldBe([3]);
        (await house.CountAsync()).ShouldBe(4u);
        var again = new List<string?>();
        foreach (var _ in tasks)
        {
            var message = await house.TakeAsync(GenerationTopology.Queue);
            MessageHeaders.ReadAttempts(message.BasicProperties).ShouldBe(0);
            MessageHeaders.ReadDeliveryCount(message.BasicProperties).ShouldBe(1);
            again.Add(message.BasicProperties.MessageId);
        }
        again.ShouldBe(tasks.Select(task => task.Id), ignoreOrder: true);
        foreach (var task in tasks)
            (await house.RecordAsync(task.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task Cancelling_one_of_them_leaves_the_others()
    {
        await house.ClearAsync();
        GenerationTask[] tasks = [Long(), Long(), Long()];
        await PublishAsync(tasks);
        await using var first = await EventLog.SubscribeAsync(house, tasks[0].Id);
        await using var worker = WorkerProcess.StartJob(house, ("Worker__BatchSize", "4"), ("Worker__MaxTasks", "0"));
        await first.UntilAsync(GenerationEventType.Step);

        await house.Store.PutAsync(ObjectKeys.Record(tasks[1].Id), new GenerationRecord
        {
            Status = GenerationOutcome.Cancelled, Task = tasks[1], FinishedAt = TimeProvider.System.GetUtcNow(),
        }.ToUtf8Json(), "application/json", onlyIfAbsent: true);

        await worker.WaitForLineAsync(
            line => line.Contains($"{tasks[1].Id} was cancelled", StringComparison.Ordinal), Eventually.Generous);
        // The same pass goes on with the others.
        var seen = first.Seen.Count;
        await Eventually.TrueAsync(() => first.Seen.Count > seen + 1);
        Passes(worker.Output).ShouldBe([3]);
        await worker.StopAsync();
        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
        (await house.CountAsync()).ShouldBe(2u);
    }

    [Fact]
    public async Task A_continuous_worker_takes_what_waits_and_then_what_comes()
    {
        await house.ClearAsync();
        var tasks = new[] { WorkerProcess.Task(), WorkerProcess.Task(), WorkerProcess.Task() };
        await PublishAsync(tasks);
        await using var worker = WorkerProcess.StartJob(house, ("Worker__BatchSize", "4"), ("Worker__Mode", "Continuous"));
        foreach (var task in tasks)
            await PaintedAsync(task);
        var late = WorkerProcess.Task();
        await PublishAsync([late]);
        await PaintedAsync(late);

        await worker.StopAsync();

        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
        Passes(worker.Output).ShouldBe([3]);
        (await house.CountAsync()).ShouldBe(0u);

        Task PaintedAsync(GenerationTask task) => worker.WaitForLineAsync(
            line => line.Contains($"Painted {task.Id}", StringComparison.Ordinal), Eventually.Generous);
    }

    /// <summary>One picture, longer than any test waits.</summary>
    private static GenerationTask Long() => WorkerProcess.Task(steps: 150, side: 512);

    /// <summary>The sizes of the passes with more than one picture.</summary>
    private static IEnumerable<int> Passes(IEnumerable<string> output) =>
        from line in output
        let words = line.Split(' ')
        where line.Contains("pictures in one pass", StringComparison.Ordinal)
        select int.Parse(words[Array.IndexOf(words, "pictures") - 1], System.Globalization.CultureInfo.InvariantCulture);

    private async Task PublishAsync(IEnumerable<GenerationTask> tasks)
    {
        foreach (var task in tasks)
            await house.Publisher.PublishAsync(task);
    }

    // libtorch adds in another order for another batch size: a grey level may round the other way.
    private async Task AreAsPaintedAloneAsync(IReadOnlyList<GenerationTask> tasks)
    {
        var alone = tasks.Select(task => task with { Id = TaskId.New(TimeProvider.System) }).ToList();
        await PublishAsync(alone);
        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__MaxTasks", $"{tasks.Count}"));
        code.ShouldBe(0, string.Join('\n', output));
        Passes(output).ShouldBeEmpty();
        foreach (var (together, single) in tasks.Zip(alone))
        {
            for (var n = 0; n < together.Count; n++)
            {
                var (actual, expected) = (await PixelsAsync(together, n), await PixelsAsync(single, n));
                var difference = actual.Zip(expected, (a, b) => Math.Abs(a - b)).Max();
                difference.ShouldBeLessThanOrEqualTo(1, $"{together.Prompt}, picture {n}");
            }
        }
    }

    private async Task<byte[]> PixelsAsync(GenerationTask task, int n)
    {
        var stored = (await house.Store.GetAsync(ObjectKeys.Image(task.Id, n))).ShouldNotBeNull();
        using var bitmap = SKBitmap.Decode(stored.Content);
        (bitmap.Width, bitmap.Height).ShouldBe((task.Width, task.Height));
        return bitmap.Bytes;
    }

    /// <summary>It fails for a word, and with it a whole pass: its token is beyond those that the text encoder knows.</summary>
    private static async Task<DirectoryInfo> ModelThatFailsWithAsync(string word)
    {
        var model = BadInputTests.CopyOfModel();
        var file = Path.Combine(model.FullName, "tokenizer", "vocab.json");
        var vocabulary = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        vocabulary[$"{word}</w>"] = 100_000;
        await File.WriteAllTextAsync(file, vocabulary.ToJsonString());
        return model;
    }
}
