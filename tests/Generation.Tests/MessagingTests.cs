using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using SdAspire.Tests.Shared;

namespace SdAspire.Generation.Tests;

public sealed class MessagingTests(BrokerFixture fixture, ObjectStoreFixture storage) : IAsyncLifetime
{
    private IHost _host = null!;
    private IConnection _raw = null!;
    private IChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _raw = await new ConnectionFactory { Uri = new Uri(fixture.ConnectionString), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        _channel = await _raw.CreateChannelAsync();
        await DeleteQueuesAsync();
        _host = Services.Build(fixture.ConnectionString, storage.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)_host).DisposeAsync();
        // The broker is everybody's, and a test here may have left its queue full or odd. One stops the broker itself.
        if (_channel.IsOpen)
            await DeleteQueuesAsync();
        await _raw.DisposeAsync();
    }

    private async Task DeleteQueuesAsync()
    {
        await _channel.QueueDeleteAsync(GenerationTopology.Queue);
        await _channel.QueueDeleteAsync(GenerationTopology.DeadQueue);
    }

    [Fact]
    public async Task A_task_arrives_as_it_was_published_with_its_id_and_attempts()
    {
        var task = Samples.Task();

        await _host.Get<TaskPublisher>().PublishAgainAsync(task, attempts: 2);

        var message = (await _channel.BasicGetAsync(GenerationTopology.Queue, autoAck: true)).ShouldNotBeNull();
        GenerationTask.Parse(message.Body.Span).ShouldBe(task);
        message.BasicProperties.MessageId.ShouldBe(task.Id);
        message.BasicProperties.ContentType.ShouldBe("application/json");
        message.BasicProperties.Persistent.ShouldBeTrue();
        MessageHeaders.ReadAttempts(message.BasicProperties).ShouldBe(2);
        message.Exchange.ShouldBe(GenerationTopology.Exchange);
    }

    [Fact]
    public async Task Tasks_that_are_published_together_all_arrive_or_are_refused_by_name()
    {
        var host = Services.Build(
            fixture.ConnectionString, storage.ConnectionString, new Dictionary<string, string?> { ["Topology:MaxLength"] = "200" });
        await using var disposed = (IAsyncDisposable)host;
        var tasks = Enumerable.Range(0, 200).Select(_ => Samples.Task()).ToArray();
        var publisher = host.Get<TaskPublisher>();

        (await publisher.PublishAllAsync(tasks)).ShouldAllBe(refusal => refusal == null);
        (await _channel.MessageCountAsync(GenerationTopology.Queue)).ShouldBe(200u);

        // What is confirmed while the broker notices that its queue is full may still be a few too many.
        var refusals = new List<BrokerException?>();
        await Eventually.TrueAsync(async () =>
        {
            refusals.AddRange(await publisher.PublishAllAsync(tasks));
            return refusals[^1] is QueueFullException;
        });
        (await _channel.MessageCountAsync(GenerationTopology.Queue)).ShouldBe(200u + (uint)refusals.Count(refusal => refusal is null));
    }

    [Fact]
    public async Task Whether_somebody_looks_is_known_to_all_who_ask()
    {
        var elsewhere = Services.Build(fixture.ConnectionString, storage.ConnectionString);
        await using var disposed = (IAsyncDisposable)elsewhere;
        (await _host.Get<Onlookers>().AnyAsync()).ShouldBeFalse();

        var one = await elsewhere.Get<Onlookers>().LookAsync();
        var other = await elsewhere.Get<Onlookers>().LookAsync();
        for (var i = 0; i < 3; i++)
            (await _host.Get<Onlookers>().AnyAsync()).ShouldBeTrue();
        await one.DisposeAsync();
        (await _host.Get<Onlookers>().AnyAsync()).ShouldBeTrue();
        await other.DisposeAsync();
        (await _host.Get<Onlookers>().AnyAsync()).ShouldBeFalse();

        await elsewhere.Get<Onlookers>().LookAsync();
        (await _host.Get<Onlookers>().AnyAsync()).ShouldBeTrue();
        // Whoever is killed says nothing.
        await elsewhere.Get<BrokerConnection>().DisposeAsync();
        await Eventually.TrueAsync(async () => !await _host.Get<Onlookers>().AnyAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_trace_goes_with_the_message_whether_the_client_is_listened_to_or_not(bool listened)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "tests" || (listened && source.Name == RabbitMQActivitySource.PublisherSourceName),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("tests");
        using var click = source.StartActivity("click").ShouldNotBeNull();

        await _host.Get<TaskPublisher>().PublishAsync(Samples.Task());

        var message = (await _channel.BasicGetAsync(GenerationTopology.Queue, autoAck: true)).ShouldNotBeNull();
        var context = MessageHeaders.ReadTraceContext(message.BasicProperties);
        context.TraceId.ShouldBe(click.TraceId);
        (context.SpanId == click.SpanId).ShouldBe(!listened);
        context.TraceFlags.ShouldBe(ActivityTraceFlags.Recorded);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_keeps_what_it_has()
    {
        using var small = Services.Build(fixture.ConnectionString, storage.ConnectionString, new Dictionary<string, string?> { ["Topology:MaxLength"] = "3" });
        var publisher = small.Get<TaskPublisher>();
        var refused = 0;
        // A quorum queue may let a few more in before it notices.
        for (var i = 0; i < 20; i++)
        {
            try
            {
                await publisher.PublishAsync(Samples.Task());
            }
            catch (QueueFullException)
            {
                refused++;
            }
        }

        refused.ShouldBeInRange(10, 17);
        await Eventually.TrueAsync(async () => await _channel.MessageCountAsync(GenerationTopology.Queue) == 20u - (uint)refused);
    }

    [Fact]
    public async Task Queues_that_exist_with_other_arguments_are_used_and_the_difference_is_told()
    {
        await _channel.QueueDeclareAsync(GenerationTopology.Queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = 77L });
        using var warnings = new Warnings();
        using var host = Services.Build(fixture.ConnectionString, storage.ConnectionString, logs: warnings);

        await host.Get<TaskPublisher>().PublishAsync(Samples.Task());

        (await _channel.MessageCountAsync(GenerationTopology.Queue)).ShouldBe(1u);
        var warning = warnings.Messages.ShouldHaveSingleItem();
        warning.ShouldContain("'tasks'");
        warning.ShouldContain("x-");
    }

    [Fact]
    public async Task Every_models_queue_has_the_arguments_of_tasks_and_its_dead_letters_go_to_the_same_place()
    {
        const string Other = "portraits";
        await _channel.QueueDeleteAsync(Other);
        using var host = Services.Build(fixture.ConnectionString, storage.ConnectionString, new Dictionary<string, string?>
        {
            ["Topology:MaxLength"] = "5",
            ["Models:small:Queue"] = GenerationTopology.Queue,
            ["Models:large:Queue"] = Other,
        });
        var publisher = host.Get<TaskPublisher>();

        await publisher.PublishAsync(Samples.Task(), Other);

        (await _channel.MessageCountAsync(Other)).ShouldBe(1u);
        (await _channel.MessageCountAsync(GenerationTopology.Queue)).ShouldBe(0u);
        // With the same arguments it can be declared again, with others the broker refuses.
        foreach (var queue in (string[])[GenerationTopology.Queue, Other])
            await _channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
            {
                ["x-queue-type"] = "quorum",
                ["x-dead-letter-exchange"] = GenerationTopology.DeadExchange,
                ["x-dead-letter-routing-key"] = GenerationTopology.DeadQueue,
                ["x-dead-letter-strategy"] = "at-least-once",
                ["x-overflow"] = "reject-publish",
                ["x-max-length"] = 5L,
                ["x-delivery-limit"] = 20L,
            });
        var message = (await _channel.BasicGetAsync(Other, autoAck: false)).ShouldNotBeNull();
        await _channel.BasicRejectAsync(message.DeliveryTag, requeue: false);
        await Eventually.TrueAsync(async () => await _channel.MessageCountAsync(GenerationTopology.DeadQueue) == 1u);
        await _channel.QueueDeleteAsync(Other);
    }

    [Fact]
    public async Task A_queue_that_was_deleted_meanwhile_is_declared_anew()
    {
        var publisher = _host.Get<TaskPublisher>();
        await publisher.PublishAsync(Samples.Task());
        await _channel.QueueDeleteAsync(GenerationTopology.Queue);

        await publisher.PublishAsync(Samples.Task());

        (await _channel.MessageCountAsync(GenerationTopology.Queue)).ShouldBe(1u);
    }

    [Fact]
    public async Task A_dead_letter_carries_its_reason_its_history_and_its_body_unchanged()
    {
        var body = Encoding.UTF8.GetBytes("not json");
        var at = DateTimeOffset.UnixEpoch;
        FailedAttempt[] history = [new(at, "one", "It was „dark“."), new(at.AddSeconds(1.5), "two", "It was late.")];

        await _host.Get<TaskPublisher>().PublishDeadAsync(
            body, "an-id", new(at.AddSeconds(2), "three", "The message is no valid task."), attempts: 3, history);

        var message = (await _channel.BasicGetAsync(GenerationTopology.DeadQueue, autoAck: true)).ShouldNotBeNull();
        message.Body.ToArray().ShouldBe(body);
        message.BasicProperties.MessageId.ShouldBe("an-id");
        Text(MessageHeaders.Reason).ShouldBe("The message is no valid task.");
        Text(MessageHeaders.Worker).ShouldBe("three");
        Text(MessageHeaders.FailedAt).ShouldBe("1970-01-01T00:00:02.000Z");
        MessageHeaders.ReadAttempts(message.BasicProperties).ShouldBe(3);
        FailedAttempt.Read(message.BasicProperties).ShouldBe(history);

        string Text(string header) => Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers![header]!);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    public void A_history_that_cannot_be_read_is_none(string? header) =>
        FailedAttempt.Read(new BasicProperties
        {
            Headers = new Dictionary<string, object?> { [MessageHeaders.History] = header is null ? null : Encoding.UTF8.GetBytes(header) },
        }).ShouldBeEmpty();

    [Fact]
    public async Task The_broker_itself_sends_what_is_rejected_to_the_dead_letters()
    {
        var task = Samples.Task();
        await _host.Get<TaskPublisher>().PublishAsync(task);
        var message = (await _channel.BasicGetAsync(GenerationTopology.Queue, autoAck: false)).ShouldNotBeNull();

        await _channel.BasicRejectAsync(message.DeliveryTag, requeue: false);

        BasicGetResult? dead = null;
        await Eventually.TrueAsync(async () => (dead = await _channel.BasicGetAsync(GenerationTopology.DeadQueue, autoAck: true)) is not null);
        dead!.BasicProperties.MessageId.ShouldBe(task.Id);
    }

    [Fact]
    public async Task Many_publish_at_once_over_one_channel()
    {
        var publisher = _host.Get<TaskPublisher>();
        var tasks = Enumerable.Range(0, 300).Select(_ => Samples.Task()).ToArray();

        await Parallel.ForEachAsync(tasks, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (task, _) => await publisher.PublishAsync(task));

        var received = new HashSet<string>();
        while (await _channel.BasicGetAsync(GenerationTopology.Queue, autoAck: true) is { } message)
            received.Add(GenerationTask.Parse(message.Body.Span).Id);
        received.ShouldBe(tasks.Select(task => task.Id), ignoreOrder: true);
    }

    [Fact]
    public async Task Events_reach_every_subscriber_and_the_subscription_ends_when_the_broker_goes()
    {
        var id = TaskId.New(TimeProvider.System);
        var news = new GenerationEvent { Id = id, Type = GenerationEventType.Step, At = DateTimeOffset.UnixEpoch, Picture = 0, Step = 3, Of = 20, Preview = "iVBORw==", Worker = "w" };
        var ready = 0;
        await using var first = _host.Get<EventSubscriber>().ReadAsync(_ => Ready(), CancellationToken.None).GetAsyncEnumerator();
        await using var second = _host.Get<EventSubscriber>().ReadAsync(_ => Ready(), CancellationToken.None).GetAsyncEnumerator();
        var firstNews = first.MoveNextAsync();
        var secondNews = second.MoveNextAsync();
        await Eventually.TrueAsync(() => Volatile.Read(ref ready) == 2);

        await _host.Get<EventPublisher>().PublishAsync(news);

        (await firstNews).ShouldBeTrue();
        (await secondNews).ShouldBeTrue();
        first.Current.ShouldBe(news);
        second.Current.ShouldBe(news);

        await fixture.StopAsync();
        try
        {
            await Should.ThrowAsync<BrokerUnavailableException>(async () => await first.MoveNextAsync());
            await Should.ThrowAsync<BrokerUnavailableException>(() => _host.Get<TaskPublisher>().PublishAsync(Samples.Task()));
            // Events are news: losing them is no failure.
            await _host.Get<EventPublisher>().PublishAsync(news);
        }
        finally
        {
            await fixture.StartAsync();
        }
        await _host.Get<TaskPublisher>().PublishAsync(Samples.Task());

        Task Ready()
        {
            Interlocked.Increment(ref ready);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task However_slow_a_subscriber_is_only_progress_is_left_out()
    {
        const int Many = 6000;
        await using var events = _host.Get<EventSubscriber>().ReadAsync().GetAsyncEnumerator();
        var first = events.MoveNextAsync();
        // It is there once something arrives.
        await Eventually.TrueAsync(async () =>
        {
            await TellAsync(GenerationEventType.Started);
            return first.IsCompleted;
        });
        for (var n = 0; n < Many; n++)
            await TellAsync(GenerationEventType.Step);
        for (var n = 0; n < Many; n++)
            await TellAsync(GenerationEventType.Cancelled);
        await TellAsync(GenerationEventType.Deleted);

        var told = new Dictionary<GenerationEventType, int>();
        while (await events.MoveNextAsync() && events.Current.Type != GenerationEventType.Deleted)
            told[events.Current.Type] = told.GetValueOrDefault(events.Current.Type) + 1;

        told[GenerationEventType.Cancelled].ShouldBe(Many);
        told[GenerationEventType.Step].ShouldBeInRange(1, Many);

        Task TellAsync(GenerationEventType type) => _host.Get<EventPublisher>().PublishAsync(new GenerationEvent
        {
            Id = TaskId.New(TimeProvider.System), Type = type, At = DateTimeOffset.UnixEpoch,
        });
    }

    [Fact]
    public async Task A_new_task_wakes_the_launchers_and_one_that_is_tried_again_does_not()
    {
        var publisher = _host.Get<TaskPublisher>();
        await _host.Get<BrokerConnection>().GetAsync();
        var signs = (await _channel.QueueDeclareAsync()).QueueName;
        await _channel.QueueBindAsync(signs, GenerationTopology.WakeUpExchange, "");

        await publisher.PublishAgainAsync(Samples.Task(), attempts: 1);
        await publisher.PublishAsync(Samples.Task());
        await publisher.PublishAsync(Samples.Task());

        await Eventually.TrueAsync(async () => await _channel.MessageCountAsync(signs) == 2);
        (await _channel.MessageCountAsync(GenerationTopology.Queue)).ShouldBe(3u);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_any_more_is_a_broker_that_is_away()
    {
        await using var proxy = new StallingProxy(new Uri(fixture.ConnectionString));
        using var host = Services.Build(proxy.ConnectionString, storage.ConnectionString);
        ((ConnectionFactory)host.Get<IConnectionFactory>()).ContinuationTimeout = TimeSpan.FromSeconds(1);
        await host.Get<BrokerConnection>().GetAsync();
        proxy.Stall();

        await Should.ThrowAsync<BrokerUnavailableException>(
            async () => await host.Get<EventSubscriber>().ReadAsync().GetAsyncEnumerator().MoveNextAsync());
        await host.Get<EventPublisher>().PublishAsync(
            new GenerationEvent { Id = TaskId.New(TimeProvider.System), Type = GenerationEventType.Started, At = DateTimeOffset.UnixEpoch, Worker = "w" });
        await proxy.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_broker_the_error_says_where_it_was_looked_for_and_keeps_the_password()
    {
        var port = ChildProcess.FreePort();
        using var host = Services.Build($"amqp://user:geheim@127.0.0.1:{port}", storage.ConnectionString);

        var error = await Should.ThrowAsync<BrokerUnavailableException>(() => host.Get<TaskPublisher>().PublishAsync(Samples.Task()));

        error.Message.ShouldContain($"127.0.0.1:{port}");
        error.ToString().ShouldNotContain("geheim");
    }
}
