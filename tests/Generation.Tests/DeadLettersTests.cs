using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using SdAspire.Tests.Shared;

namespace SdAspire.Generation.Tests;

public sealed class DeadLettersTests(BrokerFixture fixture, ObjectStoreFixture storage) : IAsyncLifetime
{
    // More than a window, and not a multiple of one.
    private const int Many = 1000;

    private IHost _host = null!;
    private IConnection _raw = null!;
    private IChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _raw = await new ConnectionFactory { Uri = new Uri(fixture.ConnectionString), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        _channel = await _raw.CreateChannelAsync();
        await DeleteQueuesAsync();
        _host = Services.Build(fixture.ConnectionString, storage.ConnectionString);
        await _host.Get<BrokerConnection>().GetAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)_host).DisposeAsync();
        await DeleteQueuesAsync();
        await _raw.DisposeAsync();
    }

    private async Task DeleteQueuesAsync()
    {
        await _channel.QueueDeleteAsync(GenerationTopology.Queue);
        await _channel.QueueDeleteAsync(GenerationTopology.DeadQueue);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(5, 0)]
    [InlineData(5, 2)]
    [InlineData(5, 4)]
    [InlineData(24, 23)]
    [InlineData(25, 24)]
    [InlineData(Many, 0)]
    [InlineData(Many, Many / 2)]
    [InlineData(Many, Many - 1)]
    public async Task A_letter_is_taken_out_wherever_it_is_and_the_others_stay(int count, int position)
    {
        await FillAsync(count);

        await using (var taken = await _host.Get<DeadLetters>().TakeAsync(Id(position)))
        {
            var letter = taken.Letters.ShouldHaveSingleItem();
            (letter.Id, letter.Reason, letter.Attempts).ShouldBe((Id(position), $"Reason {position}", 3));
            await taken.AcknowledgeAsync();
        }

        await ShouldHoldAsync(Enumerable.Range(0, count).Where(n => n != position));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(200)]
    public async Task One_that_is_not_there_is_not_found_and_nothing_is_lost(int count)
    {
        await FillAsync(count);

        await using (var taken = await _host.Get<DeadLetters>().TakeAsync("nobody"))
            taken.Letters.ShouldBeEmpty();

        await ShouldHoldAsync(Enumerable.Range(0, count));
    }

    [Fact]
    public async Task All_letters_of_a_task_are_taken()
    {
        await FillAsync(2);
        await _host.Get<TaskPublisher>().PublishDeadAsync(Encoding.UTF8.GetBytes("another body"), Id(1), Failure("Again."), attempts: 1);

        await using (var taken = await _host.Get<DeadLetters>().TakeAsync(Id(1)))
        {
            taken.Letters.Count.ShouldBe(2);
            await taken.AcknowledgeAsync();
        }

        await ShouldHoldAsync([0]);
    }

    [Fact]
    public async Task What_is_not_acknowledged_is_put_back_as_it_was()
    {
        await FillAsync(3);

        await using (await _host.Get<DeadLetters>().TakeAsync(Id(1)))
            await Eventually.TrueAsync(async () => await _channel.MessageCountAsync(GenerationTopology.DeadQueue) == 2);

        var letters = await DrainAsync();
        letters.Count.ShouldBe(3);
        var message = letters[Id(1)].ShouldHaveSingleItem();
        Encoding.UTF8.GetString(message.Body.Span).ShouldBe("body 1");
        message.Redelivered.ShouldBeFalse("it was published and not requeued");
        message.BasicProperties.Persistent.ShouldBeTrue();
        MessageHeaders.ReadReason(message.BasicProperties).ShouldBe("Reason 1");
        MessageHeaders.ReadAttempts(message.BasicProperties).ShouldBe(3);
    }

    [Fact]
    public async Task Who_looks_leaves_everything_where_it_is()
    {
        await FillAsync(200);

        var seen = await _host.Get<DeadLetters>().LookForAsync(Enumerable.Range(150, 100).Select(Id).ToHashSet());

        seen.Keys.ShouldBe(Enumerable.Range(150, 50).Select(Id), ignoreOrder: true);
        seen[Id(199)].Reason.ShouldBe("Reason 199");
        await ShouldHoldAsync(Enumerable.Range(0, 200));
    }

    [Fact]
    public async Task Those_who_take_at_the_same_time_find_theirs_each()
    {
        await FillAsync(300);
        using var other = Services.Build(fixture.ConnectionString, storage.ConnectionString);
        int[] wanted = [0, 7, 64, 150, 298, 299];

        await Task.WhenAll(wanted.Select(async (position, n) =>
        {
            // Two processes, as two replicas of the page are.
            await using var taken = await (n % 2 == 0 ? _host : other).Get<DeadLetters>().TakeAsync(Id(position));
            taken.Letters.ShouldHaveSingleItem().Id.ShouldBe(Id(position));
            await taken.AcknowledgeAsync();
        }));

        await ShouldHoldAsync(Enumerable.Range(0, 300).Except(wanted));
    }

    [Fact]
    public async Task What_the_broker_gave_up_by_itself_has_a_reason_too()
    {
        var task = Samples.Task();
        await _host.Get<TaskPublisher>().PublishAsync(task);
        var message = (await _channel.BasicGetAsync(GenerationTopology.Queue, autoAck: false)).ShouldNotBeNull();
        await _channel.BasicRejectAsync(message.DeliveryTag, requeue: false);
        await Eventually.TrueAsync(async () => await _channel.MessageCountAsync(GenerationTopology.DeadQueue) == 1);

        var seen = await _host.Get<DeadLetters>().LookForAsync(new HashSet<string> { task.Id });

        seen[task.Id].Reason.ShouldBe("The broker gave it up (rejected).");
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_loses_nothing()
    {
        await FillAsync(Many, bodySize: 16 * 1024);
        await using var proxy = new StallingProxy(new Uri(fixture.ConnectionString));
        using var host = Services.Build(proxy.ConnectionString, storage.ConnectionString);
        await host.Get<BrokerConnection>().GetAsync();

        Task<TakenLetters> taking;
        while (true)
        {
            taking = host.Get<DeadLetters>().TakeAsync("nobody");
            await Eventually.TrueAsync(async () => await _channel.MessageCountAsync(GenerationTopology.DeadQueue) < Many || taking.IsCompleted);
            if (!taking.IsCompleted)
                break;
            // It was faster than this test.
            await (await taking).DisposeAsync();
        }
        await proxy.DisposeAsync();

        await Should.ThrowAsync<BrokerUnavailableException>(() => taking);
        // Its lock is gone with it, and what it had in hand is back.
        await using (var taken = await _host.Get<DeadLetters>().TakeAsync(Id(Many - 1)))
            taken.Letters.ShouldNotBeEmpty();
        (await DrainAsync()).Keys.ShouldBe(Enumerable.Range(0, Many).Select(Id), ignoreOrder: true);
    }

    private static string Id(int n) => string.Create(CultureInfo.InvariantCulture, $"letter-{n}");

    private static FailedAttempt Failure(string reason) => new(DateTimeOffset.UtcNow, "tests", reason);

    private Task FillAsync(int count, int bodySize = 0) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (n, _) =>
            await _host.Get<TaskPublisher>().PublishDeadAsync(Encoding.UTF8.GetBytes($"body {n}".PadRight(bodySize)), Id(n), Failure($"Reason {n}"), attempts: 3));

    private async Task ShouldHoldAsync(IEnumerable<int> expected)
    {
        var letters = await DrainAsync();
        letters.Keys.ShouldBe(expected.Select(Id), ignoreOrder: true);
        letters.Values.ShouldAllBe(copies => copies.Count == 1);
    }

    private async Task<Dictionary<string, List<BasicGetResult>>> DrainAsync()
    {
        var letters = new Dictionary<string, List<BasicGetResult>>(StringComparer.Ordinal);
        while (await _channel.BasicGetAsync(GenerationTopology.DeadQueue, autoAck: true) is { } message)
        {
            var id = message.BasicProperties.MessageId!;
            if (!letters.TryGetValue(id, out var copies))
                letters[id] = copies = [];
            copies.Add(message);
        }
        return letters;
    }
}
