using System.Diagnostics;
using System.Globalization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SdAspire.Training;

/// <summary>
/// The steps of one stage: batch, loss, gradient, update, average; with checkpoints, a loss file and a line of progress. Every
/// step draws from generators of its own, seeded by its number, so a resumed run goes the way an uninterrupted one would.
/// </summary>
public sealed class TrainingLoop(string stage, string directory, Schedule schedule, long seed)
{
    static readonly TimeSpan CheckpointEvery = TimeSpan.FromMinutes(1);
    const int ReportEvery = 50;

    public string LossFile => Path.Combine(directory, $"{stage}-loss.csv");

    /// <summary>Runs what is left of the stage.</summary>
    /// <param name="lossOf">
    /// The loss of one part of a batch, given its number and its generator; called by several threads when a batch has several parts.
    /// Parts are numbered through all steps. It must depend on every parameter of the module that requires a gradient.
    /// </param>
    /// <param name="inspect">Called now and then with the averaged weights in place; returns what to add to the line.</param>
    /// <returns>Wall time of the whole stage, resumptions included.</returns>
    public TimeSpan Run(
        nn.Module module, MovingAverage average, Func<int, Generator, Tensor> lossOf, Func<int, string> inspect, int inspectEvery,
        CancellationToken cancellationToken)
    {
        List<Parameter> parameters = [.. module.parameters().Where(parameter => parameter.requires_grad)];
        using var optimizer = optim.AdamW(parameters, schedule.LearningRate, weight_decay: schedule.WeightDecay);
        var checkpoint = new Checkpoint(Path.Combine(directory, stage));
        var state = checkpoint.Load(module, average, optimizer) ?? new CheckpointState(0, 0);
        if (state.Step >= schedule.Steps)
            return TimeSpan.FromSeconds(state.Seconds);

        Directory.CreateDirectory(directory);
        var (clock, saved, reported, from) = (Stopwatch.StartNew(), TimeSpan.Zero, (Loss: 0.0, Count: 0), state.Step);
        return StageProgress.Run(stage, tell =>
        {
            module.train();
            for (var step = state.Step; step < schedule.Steps; step++)
            {
                reported = (reported.Loss + Step(step), reported.Count + 1);
                average.Update(step);
                var done = step + 1;
                string? line = null;
                if (done % ReportEvery == 0 || done == schedule.Steps)
                {
                    line = Report(done, reported.Loss / reported.Count, ReportsPicture(done));
                    reported = (0, 0);
                }
                tell((double)done / schedule.Steps, line);
                if (clock.Elapsed - saved > CheckpointEvery || done == schedule.Steps || cancellationToken.IsCancellationRequested)
                {
                    checkpoint.Save(module, average, optimizer, new CheckpointState(done, state.Seconds + clock.Elapsed.TotalSeconds));
                    saved = clock.Elapsed;
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
            return TimeSpan.FromSeconds(state.Seconds) + clock.Elapsed;
        });

        double Step(int step)
        {
            using var scope = NewDisposeScope();
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = schedule.LearningRateAt(step);
            var parts = new Part[schedule.Parts];
            Parallel.For(0, parts.Length, part => parts[part] = Differentiate(step * parts.Length + part));
            for (var i = 0; i < parameters.Count; i++)
                parameters[i].grad = parts.Select(part => part.Gradients[i]).Aggregate((sum, other) => sum + other) / parts.Length;
            foreach (var part in parts)
                part.Dispose();
            nn.utils.clip_grad_norm_(parameters, 1);
            optimizer.step();
            var value = parts.Average(part => part.Loss);
            return double.IsFinite(value) ? value : throw new TrainingException($"{stage}: the loss is {value} at step {step}.");
        }

        // Not backward(): that would let the threads add to the same gradients at once.
        Part Differentiate(int number)
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator((ulong)(seed * 1_000_003 + number));
            var loss = lossOf(number, generator);
            var gradients = autograd.grad([loss], [.. parameters]);
            return new Part([.. gradients.Select(gradient => gradient.DetachFromDisposeScope())], loss.item<float>());
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

        string Report(int done, double loss, string extra)
        {
            File.AppendAllText(LossFile, string.Create(CultureInfo.InvariantCulture, $"{done},{loss:g5},{extra}\n"));
            var perSecond = (done - from) / clock.Elapsed.TotalSeconds;
            return string.Create(CultureInfo.InvariantCulture,
                $"{done}/{schedule.Steps}  loss {loss:g4}  {perSecond * schedule.BatchSize:f1} pictures/s  "
                + $"{TimeSpan.FromSeconds((schedule.Steps - done) / perSecond):hh\\:mm\\:ss} left  {extra}");
        }
    }

    sealed record Part(IReadOnlyList<Tensor> Gradients, double Loss) : IDisposable
    {
        public void Dispose()
        {
            foreach (var gradient in Gradients)
                gradient.Dispose();
        }
    }
}
