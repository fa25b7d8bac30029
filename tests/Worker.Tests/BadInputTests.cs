using System.Text;
using System.Text.Json.Nodes;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Worker.Tests;

[Collection(nameof(House))]
public class BadInputTests(House house)
{
    [Theory]
    [InlineData("paint me a heart", "no valid task")]
    [InlineData("", "no valid task")]
    [InlineData("null", "contractVersion")]
    [InlineData("{}", "contractVersion")]
    [InlineData("""{"contractVersion": 2, "anything": "new"}""", "contractVersion 2")]
    [InlineData("""{"contractVersion": 1, "id": "../../etc/passwd"}""", "no valid task")]
    public async Task What_is_no_task_goes_to_the_dead_letters_as_it_came(string body, string reason)
    {
        await house.ClearAsync();
        await house.PublishAsync(Encoding.UTF8.GetBytes(body));

        var (code, output) = await WorkerProcess.RunJobAsync(house);

        code.ShouldBe(3, string.Join('\n', output));
        (await house.CountAsync()).ShouldBe(0u);
        var dead = await house.TakeAsync(GenerationTopology.DeadQueue);
        Encoding.UTF8.GetString(dead.Body.Span).ShouldBe(body);
        InterruptionTests.Text(dead.BasicProperties, MessageHeaders.Reason).ShouldContain(reason);
        MessageHeaders.ReadAttempts(dead.BasicProperties).ShouldBe(0);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "steps", "steps must be from 1 to 150" },
        { "prompt", "prompt must not contain control characters" },
        { "model", "model is not known here" },
        { "width", "width must be divisible by 8" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_task_against_the_rules_is_also_recorded_and_reported(string field, string reason)
    {
        await house.ClearAsync();
        var good = WorkerProcess.Task();
        var task = field switch
        {
            "steps" => good with { Steps = 0 },
            "prompt" => good with { Prompt = "red\u0007heart" },
            "model" => good with { Model = "another" },
            _ => good with { Width = 65 },
        };
        await house.Publisher.PublishAsync(task);
        await using var news = await EventLog.SubscribeAsync(house, task.Id);

        (await WorkerProcess.RunJobAsync(house)).Code.ShouldBe(3);

        var dead = await house.TakeAsync(GenerationTopology.DeadQueue);
        dead.BasicProperties.MessageId.ShouldBe(task.Id);
        InterruptionTests.Text(dead.BasicProperties, MessageHeaders.Reason).ShouldContain(reason);
        await news.UntilAsync(GenerationEventType.Failed);
        news.Seen.ShouldHaveSingleItem().Reason!.ShouldContain(reason);
        var record = (await house.RecordAsync(task.Id)).ShouldNotBeNull();
        record.Status.ShouldBe(GenerationOutcome.Failed);
        record.Reason!.ShouldContain(reason);
        record.WorkerSeconds.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(0);
        record.Device.ShouldBeOneOf("cpu", "cuda");
    }

    [Theory]
    [InlineData("unet/diffusion_pytorch_model.safetensors", false)]
    [InlineData("unet/diffusion_pytorch_model.safetensors", true)]
    [InlineData("vae/config.json", false)]
    [InlineData("text_encoder/model.safetensors", true)]
    [InlineData("tokenizer/vocab.json", false)]
    public async Task A_model_with_a_fault_is_named_and_no_message_taken(string file, bool truncated)
    {
        await house.ClearAsync();
        await house.Publisher.PublishAsync(WorkerProcess.Task());
        var model = CopyOfModel();
        var path = Path.Combine(model.FullName, file);
        if (truncated)
        {
            await using var stream = new FileStream(path, FileMode.Open);
            stream.SetLength(stream.Length / 2);
        }
        else
        {
            File.Delete(path);
        }

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__Model", model.FullName));

        code.ShouldBe(2);
        output.ShouldHaveSingleItem().ShouldContain(file);
        (await house.CountAsync()).ShouldBe(1u);
        (await house.TakeAsync(GenerationTopology.Queue)).Redelivered.ShouldBeFalse();
        model.Parent!.Delete(recursive: true);
    }

    [Fact]
    public async Task A_model_that_does_not_load_costs_no_message_an_attempt()
    {
        await house.ClearAsync();
        await house.Publisher.PublishAsync(WorkerProcess.Task());
        var model = await ModelThatDoesNotLoadAsync();

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__Model", model.FullName), ("Logging__LogLevel__Default", "None"));

        code.ShouldBe(2, string.Join('\n', output));
        output.ShouldHaveSingleItem().ShouldContain(model.FullName);
        await ShouldBeAsNewAsync();
        model.Parent!.Delete(recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_device_that_is_not_there_is_named_whether_or_not_a_message_waits(bool waits)
    {
        Assert.SkipWhen(File.Exists("/dev/nvidiactl"), "this machine has a GPU");
        await house.ClearAsync();
        if (waits)
            await house.Publisher.PublishAsync(WorkerProcess.Task());

        var (code, output) = await WorkerProcess.RunJobAsync(
            house, ("Worker__Device", "Cuda"), ("Worker__WaitSeconds", "0"), ("Logging__LogLevel__Default", "None"));

        code.ShouldBe(2, string.Join('\n', output));
        output.ShouldHaveSingleItem().ShouldContain("no CUDA device");
        if (waits)
            await ShouldBeAsNewAsync();
    }

    private async Task ShouldBeAsNewAsync()
    {
        var again = await house.TakeAsync(GenerationTopology.Queue);
        MessageHeaders.ReadAttempts(again.BasicProperties).ShouldBe(0);
        MessageHeaders.ReadDeliveryCount(again.BasicProperties).ShouldBe(0);
    }

    [Theory]
    [InlineData("Worker__Model", "", "Worker__Model")]
    [InlineData("Worker__Device", "abacus", "Device")]
    [InlineData("Worker__Threads", "-1", "Worker__Threads")]
    [InlineData("Worker__Mode", "Forever", "Mode")]
    [InlineData("Worker__Mode", "7", "Worker__Mode is 7")]
    [InlineData("Worker__MaxTasks", "-1", "Worker__MaxTasks is -1")]
    [InlineData("Worker__IdleSeconds", "30", "Worker__IdleSeconds is 30, but without a Worker__MaxTasks")]
    [InlineData("Worker__DrainSeconds", "-1", "Worker__DrainSeconds is -1")]
    [InlineData("Worker__PictureSeconds", "-1", "Worker__PictureSeconds is -1")]
    [InlineData("Worker__BatchSize", "0", "Worker__BatchSize is 0")]
    [InlineData("Worker__Queue", "tasks.dead", "Worker__Queue is 'tasks.dead'")]
    [InlineData("Worker__Queue", "", "Worker__Queue is not set")]
    [InlineData("Worker__ModelName", "", "Worker__ModelName is empty")]
    [InlineData("Worker__ReadinessFile", "/no/such/folder/ready", "Worker__ReadinessFile")]
    [InlineData("ConnectionStrings__storage", "", "ConnectionStrings__storage")]
    [InlineData("ConnectionStrings__messaging", "here", "ConnectionStrings__messaging")]
    public async Task A_wrong_setting_is_named_in_one_line(string name, string value, string expected)
    {
        var (code, output) = await WorkerProcess.RunJobAsync(house, (name, value));
        code.ShouldBe(2, string.Join('\n', output));
        output.ShouldHaveSingleItem().ShouldContain(expected);
    }

    [Theory]
    [InlineData("Worker__MaxTasks", "3", "Worker__MaxTasks is 3")]
    [InlineData("Worker__IdleSeconds", "0", "Worker__IdleSeconds is 0")]
    public async Task What_a_continuous_worker_does_not_heed_it_refuses(string name, string value, string expected)
    {
        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__Mode", "Continuous"), (name, value));
        code.ShouldBe(2, string.Join('\n', output));
        output.ShouldHaveSingleItem().ShouldContain(expected);
    }

    internal static async Task<DirectoryInfo> ModelThatDoesNotLoadAsync()
    {
        var model = CopyOfModel();
        // Files as they should be, for another number of layers than the weights have.
        var config = Path.Combine(model.FullName, "text_encoder", "config.json");
        var other = (await File.ReadAllTextAsync(config))
            .Replace("\"num_hidden_layers\": 5", "\"num_hidden_layers\": 6", StringComparison.Ordinal);
        await File.WriteAllTextAsync(config, other);
        return model;
    }

    /// <summary>It loads, paints with other schedulers, and fails in each attempt with <c>ddim</c>.</summary>
    internal static async Task<DirectoryInfo> ModelThatFailsAsync()
    {
        // What the model's own scheduler ignores and the task's cannot do: the engine finds out when it paints, and not before.
        var model = CopyOfModel();
        var config = Path.Combine(model.FullName, "scheduler", "scheduler_config.json");
        var scheduler = JsonNode.Parse(await File.ReadAllTextAsync(config))!;
        scheduler["_class_name"] = "EulerDiscreteScheduler";
        scheduler["thresholding"] = true;
        await File.WriteAllTextAsync(config, scheduler.ToJsonString());
        return model;
    }

    internal static DirectoryInfo CopyOfModel()
    {
        // Under the same name, which is the model's.
        var copy = Directory.CreateTempSubdirectory("sdaspire-model-").CreateSubdirectory(Path.GetFileName(Repository.TinyModel));
        foreach (var file in Directory.EnumerateFiles(Repository.TinyModel, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy.FullName, Path.GetRelativePath(Repository.TinyModel, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            // Written anew: the original may be read-only.
            File.WriteAllBytes(target, File.ReadAllBytes(file));
        }
        return copy;
    }
}
