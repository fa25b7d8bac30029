using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace SdAspire.Training;

/// <summary>
/// The steps of one stage: batch, loss, gradient, update, average; with checkpoints, a loss file and a line of progress. Every
/// step draws from a generator of its own, seeded by its number, so a resumed run goes the way an uninterrupted one would.
/// </summary>
public sealed class TrainingLoop(string stage, string directory, Schedule schedule, long seed)
{
    static readonly TimeSpan CheckpointEvery = TimeSpan.FromMinutes(1);
    const int ReportEvery = 50;

    public string LossFile => Path.Combine(directory, $"{stage}-loss.csv");

    /// <summary>Runs what is left of the stage.</summary>
    /// <param name="lossOf">The loss of one batch, given the step and its generator.</param>
    /// <param name="inspect">Called now and then with the averaged weights in place; returns what to add to the line.</param>
    /// <returns>Wall time of the whole stage, resumptions included.</returns>
    public TimeSpan Run(nn.Module module, MovingAverage average, Func<int, Generator, Tensor> lossOf, Func<int, string> inspect, int inspectEvery, CancellationToken cancellationToken)
    {
        using var optimizer = optim.AdamW(module.parameters(), schedule.LearningRate, weight_decay: schedule.WeightDecay);
        var checkpoint = new Checkpoint(Path.Combine(directory, stage));
        var state = checkpoint.Load(module, average, optimizer) ?? new CheckpointState(0, 0);
        if (state.Step >= schedule.Steps)
            return TimeSpan.FromSeconds(state.Seconds);

        Directory.CreateDirectory(directory);
        var (clock, saved, reported, from) = (Stopwatch.StartNew(), TimeSpan.Zero, (Loss: 0.0, Count: 0), state.Step);
        module.train();
        for (var step = state.Step; step < schedule.Steps; step++)
        {
            reported = (reported.Loss + Step(step), reported.Count + 1);
            average.Update(step);
            var done = step + 1;
            if (done % ReportEvery == 0 || done == schedule.Steps)
            {
                Report(done, reported.Loss / reported.Count, clock.Elapsed / (done - from) * (schedule.Steps - done), ReportsPicture(done));
                reported = (0, 0);
            }
            if (clock.Elapsed - saved > CheckpointEvery || done == schedule.Steps || cancellationToken.IsCancellationRequested)
            {
                checkpoint.Save(module, average, optimizer, new CheckpointState(done, state.Seconds + clock.Elapsed.TotalSeconds));
                saved = clock.Elapsed;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        return TimeSpan.FromSeconds(state.Seconds) + clock.Elapsed;

        double Step(int step)
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator((ulong)(seed * 1_000_003 + step));
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = schedule.LearningRateAt(step);
            optimizer.zero_grad();
            var loss = lossOf(step, generator);
            loss.backward();
            nn.utils.clip_grad_norm_(module.parameters(), 1);
            optimizer.step();
            var value = loss.item<float>();
            return float.IsFinite(value) ? value : throw new TrainingException($"{stage}: the loss is {value} at step {step}.");
        }

        string ReportsPicture(int done)
        {
            if (done % inspectEvery != 0 && done != schedule.Steps)
                return "";
            using var averaged = average.Swap();
            using var inference = no_grad();
            using var scope = NewDisposeScope();
            module.eval();
            var line = inspect(done);
            module.train();
            return line;
        }

        void Report(int done, double loss, TimeSpan left, string extra)
        {
            File.AppendAllText(LossFile, string.Create(CultureInfo.InvariantCulture, $"{done},{loss:g5},{extra}\n"));
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{stage} {done}/{schedule.Steps}  loss {loss:g4}  {(done - from) * schedule.BatchSize / clock.Elapsed.TotalSeconds:f1} pictures/s  {left:hh\\:mm\\:ss} left  {extra}"));
        }
    }
}
