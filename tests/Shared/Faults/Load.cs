using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>
/// Sends prompts over HTTP, some at once and then one after another, until each is accepted or its connection was lost before an
/// answer. Every try has a text of its own, so that a picture tells which try it came from.
/// </summary>
internal sealed class Load(Application app, int prompts, int steps) : IDisposable
{
    private const int Side = 64;
    private const int SendersAtOnce = 4;

    // Every so many prompts ask for two pictures.
    private const int SecondPicture = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // Without a pool: a request on a connection that was lost meanwhile would be sent twice, or count as unanswered.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero })
    {
        Timeout = TimeSpan.FromMinutes(2),
    };
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private int _refused;

    public int Prompts => prompts;

    /// <summary>Ids that were answered with 202.</summary>
    public ConcurrentDictionary<string, string> Accepted { get; } = new();

    /// <summary>Texts that may have been accepted: the connection was lost before an answer.</summary>
    public ConcurrentDictionary<string, bool> Unanswered { get; } = new();

    /// <summary>Texts that were answered with 503.</summary>
    public ConcurrentDictionary<string, bool> Refused { get; } = new();

    /// <summary>Tries that were refused or did not reach the page.</summary>
    public int TriedAgain => _refused;

    public int Answered => Accepted.Count + Unanswered.Count;

    /// <summary>Told the id of each task the moment that it is accepted.</summary>
    public event Action<string>? OnAccepted;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var options = new ParallelOptions { MaxDegreeOfParallelism = SendersAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, prompts), options, async (n, token) =>
        {
            var due = (n - (prompts / 4)) * Interval;
            if (due - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } early)
                await Task.Delay(early, token);
            for (var attempt = 0; !await SendAsync(n, $"{_run} {n} try {attempt}", token); attempt++)
            {
                Interlocked.Increment(ref _refused);
                await Task.Delay(Pause, token);
            }
        });
    }

    /// <summary>Waits until so many have been answered.</summary>
    public Task ReachAsync(int answered) => Eventually.TrueAsync(() => Answered >= answered, $"{answered} prompts are answered");

    public void Dispose() => _http.Dispose();

    private async Task<bool> SendAsync(int n, string prompt, CancellationToken cancellationToken)
    {
        try
        {
            var request = new { prompt, steps, count = n % SecondPicture == 0 ? 2 : 1, width = Side, height = Side };
            using var answer = await _http.PostAsJsonAsync(new Uri(app.WebUi, "/api/generations"), request, cancellationToken);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.Accepted:
                    var id = (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["id"]!.GetValue<string>();
                    Accepted[id] = prompt;
                    OnAccepted?.Invoke(id);
                    return true;
                case HttpStatusCode.ServiceUnavailable:
                    Refused[prompt] = true;
                    return false;
                default:
                    throw new InvalidOperationException(
                        $"A prompt was answered with {answer.StatusCode}: "
                        + await answer.Content.ReadAsStringAsync(cancellationToken));
            }
        }
        catch (HttpRequestException e)
            when (e is { HttpRequestError: HttpRequestError.ConnectionError, InnerException: SocketException })
        {
            return false;
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Unanswered[prompt] = true;
        }
    }
}
