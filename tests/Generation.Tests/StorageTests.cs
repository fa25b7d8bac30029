using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting;
using SdAspire.Tests.Shared;

namespace SdAspire.Generation.Tests;

public sealed class StorageTests : IDisposable
{
    private readonly IHost _host;
    private readonly IObjectStore _store;
    private readonly string _wrongKeys;

    public StorageTests(BrokerFixture broker, ObjectStoreFixture storage)
    {
        _host = Services.Build(broker.ConnectionString, storage.ConnectionString);
        _store = _host.Get<IObjectStore>();
        _wrongKeys = $"Endpoint={storage.Endpoint};AccessKey=tests;SecretKey=wrong";
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task An_object_is_read_as_it_was_written()
    {
        var key = ObjectKeys.Image(TaskId.New(TimeProvider.System), 0);
        byte[] content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];

        (await _store.PutAsync(key, content, "image/png")).ShouldBeTrue();

        var stored = (await _store.GetAsync(key)).ShouldNotBeNull();
        stored.Content.ShouldBe(content);
        stored.ContentType.ShouldBe("image/png");
        stored.ETag.ShouldNotBeNullOrEmpty();
        stored.LastModified.ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(-5));
        (await _store.ExistsAsync(key)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_no_error()
    {
        var key = ObjectKeys.Record(TaskId.New(TimeProvider.System));

        (await _store.GetAsync(key)).ShouldBeNull();
        (await _store.ExistsAsync(key)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_deleted_is_gone_and_can_be_deleted_and_written_again()
    {
        var id = TaskId.New(TimeProvider.System);
        var (key, other) = (ObjectKeys.Record(id), ObjectKeys.Image(id, 0));
        await _store.PutAsync(key, "{}"u8.ToArray(), "application/json");
        await _store.PutAsync(other, "png"u8.ToArray(), "image/png");

        await _store.DeleteAsync(key);
        await _store.DeleteAsync(key);

        (await _store.ExistsAsync(key)).ShouldBeFalse();
        (await _store.ExistsAsync(other)).ShouldBeTrue();
        (await _store.PutAsync(key, "{}"u8.ToArray(), "application/json", onlyIfAbsent: true)).ShouldBeTrue();
    }

    [Fact]
    public async Task Only_the_first_of_many_conditional_writes_wins()
    {
        var key = ObjectKeys.Record(TaskId.New(TimeProvider.System));

        var won = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
            (Writer: i, Won: await _store.PutAsync(key, Encoding.UTF8.GetBytes($"writer {i}"), "application/json", onlyIfAbsent: true))));

        var winner = won.Where(write => write.Won).ShouldHaveSingleItem().Writer;
        Encoding.UTF8.GetString((await _store.GetAsync(key))!.Content).ShouldBe($"writer {winner}");
        // Without the condition the next one overwrites.
        (await _store.PutAsync(key, "later"u8.ToArray(), "application/json")).ShouldBeTrue();
        Encoding.UTF8.GetString((await _store.GetAsync(key))!.Content).ShouldBe("later");
    }

    [Fact]
    public async Task Keys_are_listed_by_prefix_in_order_beyond_one_page()
    {
        var prefix = $"list-{TaskId.New(TimeProvider.System)}/";
        var keys = Enumerable.Range(0, 1005).Select(i => $"{prefix}{i:0000}").ToArray();
        await Parallel.ForEachAsync(keys, async (key, token) => await _store.PutAsync(key, "x"u8.ToArray(), "text/plain", cancellationToken: token));

        var listed = new List<string>();
        await foreach (var key in _store.ListAsync(prefix))
            listed.Add(key);

        listed.ShouldBe(keys);
    }

    [Fact]
    public async Task A_storage_that_is_away_is_an_error_in_words()
    {
        var port = ChildProcess.FreePort();
        using var host = Services.Build("amqp://127.0.0.1:1", $"Endpoint=http://127.0.0.1:{port};AccessKey=a;SecretKey=geheim");
        var store = host.Get<IObjectStore>();

        var errors = new[]
        {
            await Should.ThrowAsync<StorageUnavailableException>(() => store.PutAsync("k", "x"u8.ToArray(), "text/plain")),
            await Should.ThrowAsync<StorageUnavailableException>(() => store.GetAsync("k")),
            await Should.ThrowAsync<StorageUnavailableException>(() => store.DeleteAsync("k")),
            await Should.ThrowAsync<StorageUnavailableException>(() => store.CheckAsync()),
            await Should.ThrowAsync<StorageUnavailableException>(async () => await store.ListAsync("").GetAsyncEnumerator().MoveNextAsync()),
        };

        errors.ShouldAllBe(error => error.Message.Contains($"127.0.0.1:{port}") && !error.ToString().Contains("geheim"));
    }

    [Fact]
    public async Task An_https_endpoint_is_spoken_to_in_TLS()
    {
        const byte Handshake = 22;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var host = Services.Build("amqp://127.0.0.1:1", $"Endpoint=https://{listener.LocalEndpoint};AccessKey=a;SecretKey=b");
        var check = host.Get<IObjectStore>().CheckAsync();

        var first = new byte[1];
        using (var connection = await listener.AcceptTcpClientAsync())
            await connection.GetStream().ReadExactlyAsync(first);
        listener.Stop();

        first[0].ShouldBe(Handshake);
        await Should.ThrowAsync<StorageUnavailableException>(() => check);
    }

    [Fact]
    public async Task Wrong_keys_are_an_error_and_not_an_absent_object()
    {
        using var host = Services.Build("amqp://127.0.0.1:1", _wrongKeys);
        await Should.ThrowAsync<StorageUnavailableException>(() => host.Get<IObjectStore>().GetAsync("k"));
        await Should.ThrowAsync<StorageUnavailableException>(() => host.Get<IObjectStore>().DeleteAsync("k"));
    }

    [Fact]
    public void A_segment_is_read_as_it_was_written_and_a_broken_line_costs_only_itself()
    {
        var task = Samples.Task();
        var segment = IndexEntry.ToSegment([new IndexEntry { Accepted = task }, new IndexEntry { Withdrawn = task.Id }]);
        var faults = new List<string>();

        var entries = IndexEntry.ParseSegment([.. "{\"accepted\":{}}\nrubbish\n"u8, .. segment], faults.Add);

        entries.ShouldBe([new IndexEntry { Accepted = task }, new IndexEntry { Withdrawn = task.Id }]);
        faults.Count.ShouldBe(2);
    }

    [Fact]
    public void A_record_is_read_as_it_was_written_and_may_have_grown()
    {
        var task = Samples.Task();
        var record = new GenerationRecord
        {
            Status = GenerationOutcome.Done,
            Task = task,
            Pictures = [new PaintedPicture(0, ObjectKeys.Image(task.Id, 0), task.Seed, Withheld: true)],
            UnknownWords = ["xyzzy"],
            Seconds = 1.5,
            Worker = "w",
            FinishedAt = DateTimeOffset.UnixEpoch,
        };
        var json = Encoding.UTF8.GetString(record.ToUtf8Json());
        json.ShouldContain("\"status\":\"done\"");

        var read = GenerationRecord.Parse(Encoding.UTF8.GetBytes(json.Replace("{\"status\"", "{\"later\":1,\"status\"")));

        read.Pictures.ShouldBe(record.Pictures);
        read.UnknownWords.ShouldBe(record.UnknownWords);
        (read with { Pictures = record.Pictures, UnknownWords = record.UnknownWords }).ShouldBe(record);
    }

    [Fact]
    public void A_cancelled_task_is_called_that_in_its_record()
    {
        var record = new GenerationRecord
        {
            Status = GenerationOutcome.Cancelled, Task = Samples.Task(), FinishedAt = DateTimeOffset.UnixEpoch,
        };

        Encoding.UTF8.GetString(record.ToUtf8Json()).ShouldContain("\"status\":\"cancelled\"");
        GenerationRecord.Parse(record.ToUtf8Json()).Status.ShouldBe(GenerationOutcome.Cancelled);
    }

    [Theory]
    [InlineData("01J8ZQ4X7V9T3N2M5K6H8G1F0E.json", "01J8ZQ4X7V9T3N2M5K6H8G1F0E")]
    [InlineData("01J8ZQ4X7V9T3N2M5K6H8G1F0E-0.png", null)]
    [InlineData("index/01J8ZQ4X7V9T3N2M5K6H8G1F0E.json", null)]
    [InlineData("other.json", null)]
    public void Records_are_told_from_other_objects_by_their_key(string key, string? id) => ObjectKeys.IdOfRecord(key).ShouldBe(id);
}
