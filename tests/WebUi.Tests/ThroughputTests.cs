using Microsoft.Extensions.Time.Testing;
using SdAspire.Generation;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Metrics;

namespace SdAspire.WebUi.Tests;

public sealed class ThroughputTests : IAsyncLifetime
{
    private const double StartSeconds = 0.5;
    private const double SecondsPerStep = 0.1;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly GenerationBoard _board;
    private readonly Throughput _throughput;

    public ThroughputTests()
    {
        _board = new GenerationBoard(_time) { IsLoaded = true };
        _throughput = new Throughput(_board, new MetricsOptions(0, new Dictionary<string, double>()), _time);
    }

    public async ValueTask InitializeAsync() => await _throughput.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync() => await _throughput.StopAsync(CancellationToken.None);

    [Fact]
    public void A_large_task_is_expected_to_take_as_long_as_its_steps_and_pictures_say()
    {
        Estimate(Accept(steps: 8)).ShouldBeNull();
        foreach (var steps in new[] { 8, 20, 8, 30 })
            Paint(Accept(steps));

        var own = Estimate(Accept(steps: 150, count: 16)).ShouldNotBeNull();

        // One of 8 steps, that nobody painted, stands before it.
        own.ShouldBe((2 * StartSeconds) + (((16 * 150) + 8) * SecondsPerStep), tolerance: 1);
    }

    [Fact]
    public void Who_stands_behind_a_large_task_waits_for_all_of_it()
    {
        foreach (var steps in new[] { 8, 20, 8, 30 })
            Paint(Accept(steps));
        Accept(steps: 150, count: 16);
        var last = Accept(steps: 8);

        Estimate(last).ShouldNotBeNull().ShouldBe((2 * StartSeconds) + (((16 * 150) + 8) * SecondsPerStep), tolerance: 1);

        _board.PlaceOf(_board.Find(last.Id)!)!.Value.Position.ShouldBe(2);
    }

    [Fact]
    public void Who_is_next_waits_for_what_is_left_of_the_one_that_is_painted()
    {
        Paint(Accept(steps: 10));
        var painted = Accept(steps: 10);
        var next = Accept(steps: 10);
        Tell(painted, GenerationEventType.Step, step: 1);
        _time.Advance(TimeSpan.FromSeconds(20));
        Tell(painted, GenerationEventType.Step, step: 5);

        Estimate(next).ShouldNotBeNull().ShouldBe((5 * 5) + StartSeconds + (10 * SecondsPerStep), tolerance: 0.1);
    }

    [Fact]
    public void The_same_task_over_and_over_tells_no_start_and_a_larger_one_is_taken_in_proportion()
    {
        foreach (var _ in Enumerable.Range(0, 5))
            Paint(Accept(steps: 10));

        Estimate(Accept(steps: 20)).ShouldNotBeNull().ShouldBe(2 * (StartSeconds + (10 * SecondsPerStep)), tolerance: 0.1);
    }

    [Fact]
    public void A_record_of_no_pictures_teaches_nothing()
    {
        Paint(Task(steps: 8, count: 0));

        Estimate(Accept(steps: 8)).ShouldBeNull();
    }

    [Fact]
    public void Where_size_does_not_matter_all_tasks_take_the_same()
    {
        foreach (var steps in new[] { 8, 20, 8, 30 })
            _board.Apply(Painted(Accept(steps)) with { WorkerSeconds = 36 });

        Estimate(Accept(steps: 150)).ShouldBe(36);
    }

    [Fact]
    public void What_was_painted_before_is_learnt_from_the_newest_to_the_oldest()
    {
        var painted = new[] { 30, 8, 20, 8 }.Select(steps =>
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            return Painted(Task(steps, count: 1));
        }).ToList();

        _board.Load([.. painted.AsEnumerable().Reverse().Select(GenerationState.From)]);

        Estimate(Accept(steps: 100)).ShouldNotBeNull().ShouldBe(StartSeconds + (100 * SecondsPerStep), tolerance: 0.5);
    }

    [Fact]
    public void What_is_painted_goes_on_as_fast_as_its_own_steps_were()
    {
        Paint(Accept(steps: 10));
        var task = Accept(steps: 10);
        Tell(task, GenerationEventType.Started);
        _time.Advance(TimeSpan.FromMinutes(1));
        Tell(task, GenerationEventType.Step, step: 1);
        _time.Advance(TimeSpan.FromSeconds(9));
        Tell(task, GenerationEventType.Step, step: 4);

        Estimate(task).ShouldBe(6 * 3);

        // Once more, after a worker was lost: what was before says nothing.
        Tell(task, GenerationEventType.Started);
        Tell(task, GenerationEventType.Step, step: 1);
        Estimate(task).ShouldNotBeNull().ShouldBe(0.9 * (StartSeconds + (10 * SecondsPerStep)), tolerance: 0.1);
    }

    [Fact]
    public void The_first_picture_from_zero_is_the_first_of_several()
    {
        var task = Accept(steps: 4, count: 3);
        _time.Advance(TimeSpan.FromSeconds(2));
        Tell(task, GenerationEventType.Step, step: 1);
        _throughput.SecondsToFirstPicture.ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(3));
        Tell(task, GenerationEventType.Step, step: 1, picture: 1);
        _time.Advance(TimeSpan.FromSeconds(30));
        Tell(task, GenerationEventType.Done);

        _throughput.SecondsToFirstPicture.ShouldBe(5);
    }

    private double? Estimate(GenerationTask task) => _throughput.EstimateSeconds(_board.Find(task.Id)!);

    private GenerationTask Accept(int steps, int count = 1)
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return _board.Accept(Task(steps, count)).Task;
    }

    private GenerationTask Task(int steps, int count) => new()
    {
        Id = TaskId.New(_time), CreatedAt = _time.GetUtcNow(), Model = "small", Prompt = "frog", Seed = 1, Steps = steps,
        Count = count, GuidanceScale = 3, Scheduler = "ddim", Width = 64, Height = 64,
    };

    private void Paint(GenerationTask task) => _board.Apply(Painted(task));

    private GenerationRecord Painted(GenerationTask task) => new()
    {
        Status = GenerationOutcome.Done,
        Task = task,
        Pictures = [],
        WorkerSeconds = StartSeconds + (task.Count * task.Steps * SecondsPerStep),
        FinishedAt = _time.GetUtcNow(),
    };

    private void Tell(GenerationTask task, GenerationEventType type, int? step = null, int picture = 0) => _board.Apply(new GenerationEvent
    {
        Id = task.Id, Type = type, At = _time.GetUtcNow(), Picture = picture, Step = step, Of = task.Steps, Worker = "test",
    });
}
