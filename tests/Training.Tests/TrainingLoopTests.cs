using static TorchSharp.torch;

namespace SdAspire.Training.Tests;

/// <summary>A run that was stopped goes on where it was, and ends where an uninterrupted one ends.</summary>
public sealed class TrainingLoopTests : IDisposable
{
    static readonly Schedule Schedule =
        new() { Steps = 12, BatchSize = 4, Parts = 2, LearningRate = 0.05, WarmupSteps = 3, EmaDecay = 0.9 };

    readonly string _work = Directory.CreateTempSubdirectory("sdaspire-training-").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public void Resumes_where_it_was_stopped()
    {
        var (whole, wholeAverage) = Train("whole", stopAfter: []);
        var (resumed, resumedAverage) = Train("resumed", stopAfter: [5, 9]);

        resumed.ShouldBe(whole);
        resumedAverage.ShouldBe(wholeAverage);
        wholeAverage.ShouldNotBe(whole);
    }

    [Fact]
    public void A_batch_learns_the_mean_of_its_parts()
    {
        float[] wanted = [3, 1, -2, 2];
        var schedule = Schedule with { Steps = 400, Parts = wanted.Length, LearningRate = 0.1 };
        using var module = nn.Linear(1, 1);
        using var average = new MovingAverage(module, schedule.EmaDecay);
        new TrainingLoop("mean", _work, schedule, seed: 1).Run(module, average, Loss, _ => "", inspectEvery: 1000, CancellationToken.None);

        module.bias!.item<float>().ShouldBe(wanted.Average(), 0.05f);

        Tensor Loss(int part, Generator generator) => (module.call(zeros(1, 1)) - wanted[part % wanted.Length]).square().mean();
    }

    [Fact]
    public void Survives_a_kill_between_the_two_renames_of_a_checkpoint()
    {
        var (first, _) = Train("killed", stopAfter: []);
        Directory.Move(Path.Combine(_work, "killed", "line"), Path.Combine(_work, "killed", "line.old"));
        var steps = 0;
        var (second, _) = Train("killed", stopAfter: [], onStep: () => steps++);

        steps.ShouldBe(0);
        second.ShouldBe(first);
    }

    [Fact]
    public void A_finished_stage_is_not_trained_again()
    {
        var (first, _) = Train("twice", stopAfter: []);
        var steps = 0;
        var (second, _) = Train("twice", stopAfter: [], onStep: () => steps++);

        steps.ShouldBe(0);
        second.ShouldBe(first);
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_stage()
    {
        using var module = nn.Linear(2, 1);
        using var average = new MovingAverage(module, Schedule.EmaDecay);
        var loop = new TrainingLoop("broken", _work, Schedule, seed: 1);
        Should.Throw<TrainingException>(() => loop.Run(
                module, average, (_, _) => (module.weight!.sum() + module.bias!.sum()) * float.NaN, _ => "", 100, CancellationToken.None))
            .Message.ShouldContain("step 0");
    }

    [Fact]
    public void The_learning_rate_rises_then_falls()
    {
        Schedule.LearningRateAt(0).ShouldBeLessThan(Schedule.LearningRateAt(2));
        Schedule.LearningRateAt(3).ShouldBe(Schedule.LearningRate, 1e-12);
        Schedule.LearningRateAt(11).ShouldBeLessThan(Schedule.LearningRateAt(7));
    }

    [Fact]
    public void With_a_tail_the_learning_rate_stays_until_the_last_steps()
    {
        var schedule = Schedule with { Steps = 20, TailSteps = 5 };
        schedule.LearningRateAt(3).ShouldBe(schedule.LearningRate, 1e-12);
        schedule.LearningRateAt(15).ShouldBe(schedule.LearningRate, 1e-12);
        schedule.LearningRateAt(19).ShouldBeLessThan(schedule.LearningRateAt(17));
    }

    /// <summary>Trains a line through noisy points, in a new process's place for each stop.</summary>
    (float[] Weights, float[] Average) Train(string name, int[] stopAfter, Action? onStep = null)
    {
        var work = Path.Combine(_work, name);
        foreach (var stop in stopAfter.Append(int.MaxValue))
        {
            using var module = nn.Linear(2, 1);
            // Not drawn: other tests draw from the same generator meanwhile.
            using (no_grad())
            {
                foreach (var parameter in module.parameters())
                    parameter.fill_(0.5f);
            }
            using var average = new MovingAverage(module, Schedule.EmaDecay);
            using var cancellation = new CancellationTokenSource();
            var loop = new TrainingLoop("line", work, Schedule, seed: 7);
            try
            {
                loop.Run(module, average, Loss, _ => "", inspectEvery: 100, cancellation.Token);
            }
            catch (OperationCanceledException)
            {
                continue;
            }
            var weights = module.weight!.data<float>().ToArray();
            using var swapped = average.Swap();
            return (weights, module.weight!.data<float>().ToArray());

            Tensor Loss(int part, Generator generator)
            {
                onStep?.Invoke();
                if (part / Schedule.Parts == stop)
                    cancellation.Cancel();
                var x = randn(Schedule.PartSize, 2, generator: generator);
                return (module.call(x) - x.sum(1, keepdim: true)).square().mean();
            }
        }
        throw new InvalidOperationException("The last part is never stopped.");
    }
}
