using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SdAspire.AppHost;

/// <summary>Has the WebUi paint a prompt, as any of its clients would, and writes the pictures.</summary>
sealed class PromptCommand(HttpClient webui, TimeProvider time, TextWriter progress)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Paints; returns the files.</summary>
    /// <exception cref="PaintingFailedException">The prompt was refused, or the painting failed.</exception>
    public async Task<IReadOnlyList<string>> PaintAsync(RunOptions options, CancellationToken cancellationToken)
    {
        var generation = await PostAsync(options, cancellationToken);
        generation = await FollowAsync(generation, cancellationToken);
        var files = new List<string>();
        for (var n = 0; n < generation.Count; n++)
        {
            var file = FileName(options.Out!, n, generation.Count);
            await SaveAsync($"/api/images/{generation.Id}/{n}.png", file, cancellationToken);
            files.Add(file);
        }
        return files;
    }

    private async Task<Generation> PostAsync(RunOptions options, CancellationToken cancellationToken)
    {
        var request = new GenerationRequest(options.Prompt!, options.Count, options.Seed, options.Steps);
        using var response = await webui.PostAsJsonAsync("/api/generations", request, PromptJson.Default.GenerationRequest, cancellationToken);
        return response.IsSuccessStatusCode
            ? await ReadAsync(response, cancellationToken)
            : throw new PaintingFailedException(await ProblemAsync(response, cancellationToken));
    }

    private async Task<Generation> FollowAsync(Generation generation, CancellationToken cancellationToken)
    {
        var told = "";
        while (generation.Status is not ("done" or "failed" or "cancelled"))
        {
            if (Describe(generation) is var now && now != told)
            {
                told = now;
                await progress.WriteLineAsync(now.AsMemory(), cancellationToken);
            }
            await Task.Delay(Interval, time, cancellationToken);
            using var response = await webui.GetAsync($"/api/generations/{generation.Id}", cancellationToken);
            // A pause of the broker or the storage is not the picture's end.
            if (response.IsSuccessStatusCode) generation = await ReadAsync(response, cancellationToken);
        }
        return generation.Status switch
        {
            "done" => generation,
            "cancelled" => throw new PaintingFailedException("The picture was cancelled."),
            _ => throw new PaintingFailedException($"The picture failed: {generation.Reason ?? "no reason is known"}"),
        };
    }

    private async Task SaveAsync(string path, string file, CancellationToken cancellationToken)
    {
        using var response = await webui.GetAsync(path, cancellationToken);
        if (!response.IsSuccessStatusCode) throw new PaintingFailedException(await ProblemAsync(response, cancellationToken));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            // Aside and renamed: a picture is there whole or not at all.
            await using (var stream = File.Create(file + ".part"))
                await response.Content.CopyToAsync(stream, cancellationToken);
            File.Move(file + ".part", file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PaintingFailedException($"{file} cannot be written: {e.Message}", e);
        }
    }

    internal static string FileName(string file, int n, int count) => count == 1
        ? file
        : Path.Combine(
            Path.GetDirectoryName(file)!,
            string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(file)}-{n}{Path.GetExtension(file)}"));

    private static string Describe(Generation generation) => generation.Progress is { } p
        ? $"{generation.Status}: picture {p.Picture + 1} of {generation.Count}, step {p.Step} of {p.Of}"
        : $"{generation.Status}";

    private static async Task<Generation> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return (await response.Content.ReadFromJsonAsync(PromptJson.Default.Generation, cancellationToken))!;
        }
        catch (JsonException e)
        {
            throw new PaintingFailedException($"The WebUi's answer is not understood: {e.Message}", e);
        }
    }

    private static async Task<string> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var problem = await response.Content.ReadFromJsonAsync(PromptJson.Default.Problem, cancellationToken);
            var text = problem switch
            {
                { Errors: { Count: > 0 } errors } => string.Join(" ", errors.SelectMany(e => e.Value)),
                { Detail: { } detail } => detail,
                _ => problem?.Title,
            };
            return text ?? $"The WebUi answered {(int)response.StatusCode}.";
        }
        catch (JsonException)
        {
            return $"The WebUi answered {(int)response.StatusCode}.";
        }
    }
}

/// <summary>There is no picture; the message says why.</summary>
sealed class PaintingFailedException(string message, Exception? inner = null) : Exception(message, inner);

sealed record GenerationRequest(string Prompt, int? Count, long? Seed, int? Steps);

sealed record Generation(string Id, string Status, int Count, string? Reason, GenerationProgress? Progress);

sealed record GenerationProgress(int Picture, int Step, int Of);

sealed record Problem(string? Title, string? Detail, Dictionary<string, string[]>? Errors);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GenerationRequest))]
[JsonSerializable(typeof(Generation))]
[JsonSerializable(typeof(Problem))]
sealed partial class PromptJson : JsonSerializerContext;
