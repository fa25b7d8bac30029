using Microsoft.Extensions.Time.Testing;
using SdAspire.Generation;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Tests;

public sealed class GenerationBoardTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly GenerationBoard _board;

    public GenerationBoardTests() => _board = new GenerationBoard(_time);

    [Fact]
    public void A_reader_gets_the_newest_state_of_what_changed_and_nothing_else()
    {
        var (first, second) = (Accept(), Accept());
        var version = _board.Version;

        _board.Apply(News(first, GenerationEventType.Started));
        _board.Apply(News(first, GenerationEventType.Step, step: 1));
        _board.Apply(News(first, GenerationEventType.Step, step: 2));

        var changes = _board.ChangesSince(version);
        changes.States.ShouldHaveSingleItem().Progress.ShouldBe(new PaintingProgress(0, 2, 20));
        changes.Notices.ShouldBeNull();
        _board.ChangesSince(changes.Version).States.ShouldBeEmpty();
        _board.Find(second.Id)!.Status.ShouldBe(GenerationStatus.Queued);
    }

    [Fact]
    public async Task A_reader_that_waits_is_woken_by_the_next_change()
    {
        var waiting = _board.WaitForChangeAsync(_board.Version, CancellationToken.None);
        waiting.IsCompleted.ShouldBeFalse();

        Accept();

        await waiting;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_search_finds_what_is_far_away_in_a_large_gallery_whatever_the_order_of_its_coming(bool oldestFirst)
    {
        const int All = 20_000;
        var began = _time.GetUtcNow();
        var tasks = Enumerable.Range(0, All).Select(n => New(Ulid.NewUlid(began.AddMilliseconds(n)).ToString()) with
        {
            Prompt = n is 7 or 9_000 or All - 7 ? $"A rare BIRD, number {n}" : $"a bird, number {n}",
        }).ToArray();
        foreach (var chunk in (oldestFirst ? tasks : tasks.Reverse()).Chunk(1000))
            _board.Load([.. chunk.Select(task => new GenerationState(task))]);
        var query = new BoardQuery { Words = ["bird", "rare"] };

        Ids(10, query).ShouldBe([tasks[All - 7].Id, tasks[9_000].Id, tasks[7].Id]);
        Ids(2, query).ShouldBe([tasks[All - 7].Id, tasks[9_000].Id]);
        Ids(10, query with { Before = tasks[9_000].Id }).ShouldBe([tasks[7].Id]);
        Ids(10, query with { After = tasks[7].Id }).ShouldBe([tasks[All - 7].Id, tasks[9_000].Id]);
        Ids(1, query with { After = tasks[7].Id }).ShouldBe([tasks[9_000].Id]);
        Ids(10, query with { After = tasks[7].Id, Before = tasks[9_000].Id }).ShouldBeEmpty();
        Ids(10, query with { Words = ["nowhere"] }).ShouldBeEmpty();
        Ids(3, new BoardQuery()).ShouldBe(tasks.Reverse().Take(3).Select(task => task.Id));
        Ids(3, new BoardQuery { After = tasks[^1].Id }).ShouldBeEmpty();
        Ids(3, new BoardQuery { Before = tasks[0].Id }).ShouldBeEmpty();

        IEnumerable<string> Ids(int limit, BoardQuery query) => _board.Page(limit, query).Select(state => state.Task.Id);
    }

    [Theory]
    [InlineData(GenerationEventType.Started)]
    [InlineData(GenerationEventType.Step)]
    [InlineData(GenerationEventType.Failed)]
    public void What_has_ended_is_not_reopened_by_a_late_event(GenerationEventType late)
    {
        var task = Accept();
        _board.Apply(News(task, GenerationEventType.Done));

        _board.Apply(News(task, late, step: 1));

        _board.Find(task.Id)!.Status.ShouldBe(GenerationStatus.Done);
    }

    [Fact]
    public void Words_that_the_model_was_not_taught_are_known_from_the_news_and_from_the_record()
    {
        var (told, read) = (Accept(), Accept());

        _board.Apply(News(told, GenerationEventType.Done) with { UnknownWords = ["xyzzy"] });
        _board.Apply(new GenerationRecord
        {
            Status = GenerationOutcome.Done, Task = read, UnknownWords = ["xyzzy"], FinishedAt = DateTimeOffset.UnixEpoch,
        });

        foreach (var task in new[] { told, read })
            GenerationView.Of(_board.Find(task.Id)!).UnknownWords.ShouldBe(["xyzzy"]);
    }

    [Fact]
    public void Withheld_pictures_are_known_from_the_news_and_from_the_record()
    {
        var (told, read) = (Accept(), Accept());

        _board.Apply(News(told, GenerationEventType.Done) with { Withheld = [0] });
        _board.Apply(new GenerationRecord
        {
            Status = GenerationOutcome.Done, Task = read, FinishedAt = DateTimeOffset.UnixEpoch,
            Pictures = [new PaintedPicture(0, ObjectKeys.Image(read.Id, 0), read.Seed, Withheld: true)],
        });

        foreach (var task in new[] { told, read })
            GenerationView.Of(_board.Find(task.Id)!).Images.Select(image => image.Withheld).ShouldBe([true]);
    }

    [Fact]
    public void A_preview_stays_until_the_next_one_and_goes_with_the_painting()
    {
        var task = Accept();
        var preview = Convert.ToBase64String(WorkerRole.Png);
        _board.Apply(News(task, GenerationEventType.Step, step: 1) with { Preview = preview });
        _board.Apply(News(task, GenerationEventType.Step, step: 2));
        _board.Find(task.Id)!.Preview.ShouldBe(WorkerRole.Png);

        foreach (var end in (GenerationEventType[])[
            GenerationEventType.Started, GenerationEventType.Done, GenerationEventType.Failed, GenerationEventType.Cancelled])
        {
            var other = Accept();
            _board.Apply(News(other, GenerationEventType.Step, step: 1) with { Preview = preview });
            _board.Apply(News(other, end));
            _board.Find(other.Id)!.Preview.ShouldBeNull(end.ToString());
        }
    }

    [Theory]
    [InlineData("not base64")]
    [InlineData("PHN2Zz48L3N2Zz4=")]
    [InlineData("")]
    public void What_is_no_PNG_is_no_preview(string preview)
    {
        var task = Accept();
        _board.Apply(News(task, GenerationEventType.Step, step: 1) with { Preview = preview });
        _board.Find(task.Id)!.Preview.ShouldBeNull();
        _board.Apply(News(task, GenerationEventType.Step, step: 2) with { Preview = Convert.ToBase64String(new byte[40_000]) });
        _board.Find(task.Id)!.Preview.ShouldBeNull();
    }

    [Fact]
    public void What_failed_or_was_cancelled_can_be_opened_again_and_nothing_else()
    {
        var (failed, cancelled, running) = (Accept(), Accept(), Accept());
        _board.Apply(News(failed, GenerationEventType.Failed));
        _board.Apply(News(cancelled, GenerationEventType.Cancelled));
        _board.Apply(News(running, GenerationEventType.Started));
        _board.Find(cancelled.Id)!.Status.ShouldBe(GenerationStatus.Cancelled);

        foreach (var task in (GenerationTask[])[failed, cancelled, running])
            _board.Reopen(task);

        _board.Find(failed.Id)!.Status.ShouldBe(GenerationStatus.Queued);
        _board.Find(cancelled.Id)!.Status.ShouldBe(GenerationStatus.Queued);
        _board.Find(running.Id)!.Status.ShouldBe(GenerationStatus.Running);
    }

    [Fact]
    public void Those_that_nobody_speaks_of_are_silent_and_who_is_heard_is_not()
    {
        var (queued, running, heard, done) = (Accept(), Accept(), Accept(), Accept());
        _board.Apply(News(running, GenerationEventType.Started));
        _board.Apply(News(done, GenerationEventType.Done));
        var version = _board.Version;

        _time.Advance(TimeSpan.FromSeconds(30));
        _board.Heard(heard.Id);

        Silent(running: 60).ShouldBe([queued.Id]);
        Silent(running: 20).ShouldBe([queued.Id, running.Id]);
        _board.Silent("another", TimeSpan.Zero, TimeSpan.Zero).ShouldBeEmpty();
        // Nothing to show anew.
        _board.Version.ShouldBe(version);

        IEnumerable<string> Silent(int running) =>
            _board.Silent("small", TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(running)).Select(state => state.Task.Id);
    }

    [Fact]
    public void A_redelivery_starts_the_progress_anew()
    {
        var task = Accept();
        _board.Apply(News(task, GenerationEventType.Step, step: 9));

        _board.Apply(News(task, GenerationEventType.Started));

        _board.Find(task.Id)!.Progress.ShouldBeNull();
        _board.Find(task.Id)!.Status.ShouldBe(GenerationStatus.Running);
    }

    [Fact]
    public void What_is_withdrawn_is_gone_and_its_readers_are_told()
    {
        var task = Accept();
        var version = _board.Version;

        _board.Withdraw(task.Id);

        _board.Find(task.Id).ShouldBeNull();
        _board.Page(10).ShouldBeEmpty();
        _board.ChangesSince(version).Withdrawn.ShouldBe([task.Id]);
        _board.ChangesSince(version).States.ShouldBeEmpty();
    }

    [Fact]
    public void Pages_are_newest_first()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Accept().Id).Reverse().ToArray();

        _board.Page(3).Select(state => state.Task.Id).ShouldBe(ids[..3]);
        _board.Page(3, before: ids[2]).Select(state => state.Task.Id).ShouldBe(ids[3..]);
        _board.Page(3, before: ids[4]).ShouldBeEmpty();
        _board.Page(3, before: "0").ShouldBeEmpty();
    }

    [Fact]
    public void Those_that_nothing_was_heard_of_are_asked_for_the_painted_ones_first()
    {
        var queued = Accept();
        var running = Accept();
        _board.Apply(News(running, GenerationEventType.Started));
        var done = Accept();
        _board.Apply(News(done, GenerationEventType.Done));
        _time.Advance(TimeSpan.FromSeconds(30));
        Accept();

        _board.Unheard(_time.GetUtcNow() - TimeSpan.FromSeconds(10), 10).ShouldBe([running.Id, queued.Id]);
    }

    [Fact]
    public void A_notice_is_told_once_and_taken_back()
    {
        _board.SetNotice("storage", "away");
        var version = _board.Version;
        _board.SetNotice("storage", "away");
        _board.ChangesSince(version).Notices.ShouldBeNull();

        _board.SetNotice("storage", null);

        _board.ChangesSince(version).Notices.ShouldBe([]);
    }

    private GenerationTask Accept()
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return _board.Accept(New(TaskId.New(_time))).Task;
    }

    private GenerationTask New(string id) => new()
    {
        Id = id,
        CreatedAt = _time.GetUtcNow(),
        Model = "small",
        Prompt = "frog",
        Seed = 1,
        Steps = 20,
        GuidanceScale = 3,
        Scheduler = "ddim",
        Width = 64,
        Height = 64,
    };

    private GenerationEvent News(GenerationTask task, GenerationEventType type, int? step = null) =>
        new() { Id = task.Id, Type = type, At = _time.GetUtcNow(), Picture = 0, Step = step, Of = 20 };
}
