using System.Buffers.Binary;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Worker.Tests;

[Collection(nameof(House))]
public class PaintingTests(House house)
{
    [Fact]
    public async Task A_message_becomes_pictures_and_a_record()
    {
        await house.ClearAsync();
        var task = WorkerProcess.Task(count: 2);
        await house.Publisher.PublishAsync(task);
        await using var news = await EventLog.SubscribeAsync(house, task.Id);

        var (code, output) = await WorkerProcess.RunJobAsync(house);

        code.ShouldBe(0, string.Join('\n', output));
        (await house.CountAsync()).ShouldBe(0u);
        var record = (await house.RecordAsync(task.Id)).ShouldNotBeNull();
        record.Status.ShouldBe(GenerationOutcome.Done);
        record.Task.ShouldBe(task);
        record.Pictures.ShouldBe([new(0, $"{task.Id}-0.png", 7), new(1, $"{task.Id}-1.png", 8)]);
        record.Worker.ShouldBe("worker-tests");
        record.Attempts.ShouldBe(1);
        record.Seconds.ShouldNotBeNull().ShouldBeGreaterThan(0);
        // With the model's loading.
        record.WorkerSeconds.ShouldNotBeNull().ShouldBeGreaterThan(record.Seconds.Value);
        record.Device.ShouldBeOneOf("cpu", "cuda");

        await news.UntilAsync(GenerationEventType.Done);
        news.Seen[0].Type.ShouldBe(GenerationEventType.Started);
        news.Seen.ShouldContain(e => e.Type == GenerationEventType.Step && e.Step >= 1 && e.Of == 3 && e.Picture == 0);
        news.Seen.ShouldAllBe(e => e.Worker == "worker-tests");
        // The first step is always told; a PNG of 64 × 64, as the picture is.
        var preview = Convert.FromBase64String(news.Seen.First(e => e.Type == GenerationEventType.Step).Preview.ShouldNotBeNull());
        preview[..8].ShouldBe([0x89, .. "PNG\r\n\u001a\n"u8]);
        (BinaryPrimitives.ReadInt32BigEndian(preview.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(preview.AsSpan(20))).ShouldBe((64, 64));
    }

    [Fact]
    public async Task Previews_are_not_made_while_nobody_looks()
    {
        await house.ClearAsync();
        var task = WorkerProcess.Task();
        await house.Publisher.PublishAsync(task);
        await using var news = await EventLog.SubscribeAsync(house, task.Id, looks: false);

        var (code, output) = await WorkerProcess.RunJobAsync(house);

        code.ShouldBe(0, string.Join('\n', output));
        await news.UntilAsync(GenerationEventType.Done);
        news.Seen.ShouldContain(e => e.Type == GenerationEventType.Step);
        news.Seen.ShouldAllBe(e => e.Preview == null);
    }

    [Fact]
    public async Task The_words_that_its_model_was_not_taught_are_in_the_record_and_in_the_news()
    {
        using var folder = new TemporaryFolder();
        var model = folder.Copy(Repository.TinyModel, Path.GetFileName(Repository.TinyModel));
        await File.WriteAllTextAsync(Path.Combine(model, "generation_config.json"), """{"known_words":["a","cat"]}""");
        await house.ClearAsync();
        var task = WorkerProcess.Task() with { Prompt = "a xyzzy cat" };
        await house.Publisher.PublishAsync(task);
        await using var news = await EventLog.SubscribeAsync(house, task.Id);

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__Model", model));

        code.ShouldBe(0, string.Join('\n', output));
        (await house.RecordAsync(task.Id)).ShouldNotBeNull().UnknownWords.ShouldBe(["xyzzy"]);
        await news.UntilAsync(GenerationEventType.Done);
        news.Seen[^1].UnknownWords.ShouldBe(["xyzzy"]);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task What_the_safety_checker_finds_is_black_and_the_record_and_the_news_say_so(bool isChecked)
    {
        using var folder = new TemporaryFolder();
        var model = folder.Copy(Repository.TinyModel, Path.GetFileName(Repository.TinyModel));
        SafetyCheckedModel.Add(model, threshold: -2);
        await house.ClearAsync();
        var task = WorkerProcess.Task(count: 2);
        await house.Publisher.PublishAsync(task);
        await using var news = await EventLog.SubscribeAsync(house, task.Id);

        var (code, output) = await WorkerProcess.RunJobAsync(
            house, ("Worker__Model", model), ("Worker__SafetyChecker", isChecked ? "true" : "false"));

        code.ShouldBe(0, string.Join('\n', output));
        var pictures = (await house.RecordAsync(task.Id)).ShouldNotBeNull().Pictures;
        pictures.Select(picture => picture.Withheld).ShouldBe([isChecked, isChecked]);
        await news.UntilAsync(GenerationEventType.Done);
        news.Seen[^1].Withheld.ShouldBe(isChecked ? [0, 1] : null);
    }

    [Fact]
    public async Task Picture_n_is_what_the_engine_alone_paints_with_seed_plus_n()
    {
        await house.ClearAsync();
        var task = WorkerProcess.Task(count: 2);
        await house.Publisher.PublishAsync(task);
        (await WorkerProcess.RunJobAsync(house)).Code.ShouldBe(0);

        var folder = Directory.CreateTempSubdirectory("sdaspire-worker-");
        for (var n = 0; n < 2; n++)
        {
            var file = Path.Combine(folder.FullName, $"{n}.png");
            var (code, output) = await WorkerProcess.GenerateAsync(
                "--model", Repository.TinyModel, "--prompt", task.Prompt, "--steps", "3", "--guidance", "7.5", "--seed", $"{7 + n}",
                "--width", "64", "--height", "64", "--scheduler", "ddim", "--out", file);
            code.ShouldBe(0, string.Join('\n', output));
            var stored = (await house.Store.GetAsync(ObjectKeys.Image(task.Id, n))).ShouldNotBeNull();
            stored.ContentType.ShouldBe("image/png");
            stored.Content.ShouldBe(await File.ReadAllBytesAsync(file));
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Its_LoRAs_are_those_of_its_settings()
    {
        var lora = Path.Combine(Repository.Fixtures, "lora", "tiny-sd15-peft.safetensors");
        await house.ClearAsync();
        var task = WorkerProcess.Task();
        await house.Publisher.PublishAsync(task);
        var (code, output) = await WorkerProcess.RunJobAsync(
            house, ("Worker__Loras__0__Path", lora), ("Worker__Loras__0__Scale", "0.5"));
        code.ShouldBe(0, string.Join('\n', output));

        var file = Path.GetTempFileName();
        (await WorkerProcess.GenerateAsync(
            "--model", Repository.TinyModel, "--lora", lora + ":0.5", "--prompt", task.Prompt, "--steps", "3", "--guidance", "7.5",
            "--seed", "7", "--width", "64", "--height", "64", "--scheduler", "ddim", "--out", file)).Code.ShouldBe(0);
        var stored = (await house.Store.GetAsync(ObjectKeys.Image(task.Id, 0))).ShouldNotBeNull();
        stored.Content.ShouldBe(await File.ReadAllBytesAsync(file));
        File.Delete(file);
    }

    [Theory]
    [InlineData("Worker__Loras__0__Path", "/no/such/lora.safetensors", "/no/such/lora.safetensors")]
    [InlineData("Worker__Loras__0__Scale", "much", "Worker:Loras:0:Scale")]
    [InlineData("Worker__Loras__0__Scale", "1", "Worker__Loras__0__Path")]
    public async Task A_LoRA_that_cannot_be_used_is_refused_before_any_message_is_taken(string name, string value, string expected)
    {
        var (code, output) = await WorkerProcess.RunJobAsync(house, (name, value));
        code.ShouldBe(2, string.Join('\n', output));
        output.ShouldHaveSingleItem().ShouldContain(expected, Case.Sensitive);
    }

    [Fact]
    public async Task It_takes_from_the_queue_of_its_model_under_the_models_name()
    {
        const string Queue = "worker-tests.portraits";
        await house.ClearAsync();
        var (own, others) = (WorkerProcess.Task() with { Model = "portraits" }, WorkerProcess.Task());
        (string, string)[] settings = [("Worker__Queue", Queue), ("Worker__ModelName", "portraits")];
        // Declares it; there is nothing to do yet.
        (await WorkerProcess.RunJobAsync(house, [.. settings, ("Worker__WaitSeconds", "0")])).Code.ShouldBe(0);
        await house.Publisher.PublishAsync(own, Queue);
        await house.Publisher.PublishAsync(others, Queue);

        (await WorkerProcess.RunJobAsync(house, settings)).Code.ShouldBe(0);
        var (code, output) = await WorkerProcess.RunJobAsync(house, settings);

        (await house.RecordAsync(own.Id)).ShouldNotBeNull().Status.ShouldBe(GenerationOutcome.Done);
        code.ShouldBe(3, string.Join('\n', output));
        var dead = await house.TakeAsync(GenerationTopology.DeadQueue);
        dead.BasicProperties.MessageId.ShouldBe(others.Id);
        InterruptionTests.Text(dead.BasicProperties, MessageHeaders.Reason)
            .ShouldContain("The field model is not known here; the model is 'portraits'");
        (await house.CountAsync(Queue)).ShouldBe(0u);
        (await house.CountAsync()).ShouldBe(0u);
        await house.DeleteAsync(Queue);
    }

    [Fact]
    public async Task A_redelivery_of_what_is_finished_is_not_painted_again()
    {
        await house.ClearAsync();
        var task = WorkerProcess.Task();
        var record = new GenerationRecord { Status = GenerationOutcome.Done, Task = task, Worker = "the first", FinishedAt = TimeProvider.System.GetUtcNow() };
        await house.Store.PutAsync(ObjectKeys.Record(task.Id), record.ToUtf8Json(), "application/json");
        await house.Publisher.PublishAsync(task);

        (await WorkerProcess.RunJobAsync(house)).Code.ShouldBe(0);

        (await house.CountAsync()).ShouldBe(0u);
        (await house.RecordAsync(task.Id))!.Worker.ShouldBe("the first");
        (await house.Store.ExistsAsync(ObjectKeys.Image(task.Id, 0))).ShouldBeFalse();
    }

    [Fact]
    public async Task It_takes_one_message_and_leaves_the_rest()
    {
        await house.ClearAsync();
        var tasks = new[] { WorkerProcess.Task(), WorkerProcess.Task() };
        foreach (var task in tasks)
            await house.Publisher.PublishAsync(task);

        (await WorkerProcess.RunJobAsync(house)).Code.ShouldBe(0);

        (await house.CountAsync()).ShouldBe(1u);
        (await house.RecordAsync(tasks[0].Id)).ShouldNotBeNull();
        // Never fetched ahead: it would count as a delivery.
        (await house.TakeAsync(GenerationTopology.Queue)).Redelivered.ShouldBeFalse();
    }

    [Fact]
    public async Task It_is_ready_once_it_has_taken_a_message()
    {
        await house.ClearAsync();
        var folder = Directory.CreateTempSubdirectory("sdaspire-ready-");
        var file = Path.Combine(folder.FullName, "ready");
        await using var worker = WorkerProcess.StartJob(house, ("Worker__ReadinessFile", file), ("Worker__WaitSeconds", "-1"));
        await worker.WaitForLineAsync(line => line.Contains("Connected to the message broker", StringComparison.Ordinal), Eventually.Generous);
        File.Exists(file).ShouldBeFalse();
        var task = WorkerProcess.Task();
        await house.Publisher.PublishAgainAsync(task, attempts: 1);
        await Eventually.TrueAsync(() => File.Exists(file));
        // Whole from the first moment, and there is nothing else in its folder.
        (await File.ReadAllTextAsync(file)).ShouldBe($"{task.Id} 2\n");
        (await worker.WaitForExitAsync(Eventually.Generous)).ShouldBe(0);
        folder.GetFiles().ShouldHaveSingleItem().FullName.ShouldBe(file);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_it_is_ready_with_is_the_message_taken_last()
    {
        await house.ClearAsync();
        var folder = Directory.CreateTempSubdirectory("sdaspire-ready-");
        var file = Path.Combine(folder.FullName, "ready");
        await house.PublishAsync("paint me a heart"u8.ToArray());
        await using var worker = WorkerProcess.StartJob(
            house, ("Worker__ReadinessFile", file), ("Worker__MaxTasks", "2"), ("Worker__IdleSeconds", "600"));
        await worker.WaitForLineAsync(line => line.Contains("is a dead letter", StringComparison.Ordinal), Eventually.Generous);
        (await File.ReadAllTextAsync(file)).ShouldBe("- 1\n");
        var task = WorkerProcess.Task();
        await house.Publisher.PublishAsync(task);

        (await worker.WaitForExitAsync(Eventually.Generous)).ShouldBe(3);

        (await File.ReadAllTextAsync(file)).ShouldBe($"{task.Id} 1\n");
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Without_a_message_it_ends_well()
    {
        await house.ClearAsync();
        (await WorkerProcess.RunJobAsync(house, ("Worker__WaitSeconds", "1"))).Code.ShouldBe(0);
    }
}
