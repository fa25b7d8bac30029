using System.Net.ServerSentEvents;
using System.Text.Json;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

/// <summary>A client of an event stream.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private readonly CancellationTokenSource _bounded = new(Eventually.Generous);
    private readonly HttpResponseMessage _answer;
    private readonly IAsyncEnumerator<SseItem<string>> _events;

    private EventReader(HttpResponseMessage answer, Stream stream)
    {
        _answer = answer;
        Parser = SseParser.Create(stream);
        _events = Parser.EnumerateAsync(_bounded.Token).GetAsyncEnumerator(_bounded.Token);
    }

    public SseParser<string> Parser { get; }

    public static async Task<EventReader> OpenAsync(HttpClient http, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new EventReader(answer, await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event of the generation.</summary>
    public async Task<(string Name, JsonElement Data)> NextAsync(string id)
    {
        while (await _events.MoveNextAsync())
        {
            using var json = JsonDocument.Parse(_events.Current.Data);
            if (json.RootElement.Text("id") == id)
                return (_events.Current.EventType, json.RootElement.Clone());
        }
        throw new InvalidOperationException("The stream has ended.");
    }

    public async Task<bool> HasEndedAsync() => !await _events.MoveNextAsync();

    public async ValueTask DisposeAsync()
    {
        // Before its enumerator, which may be waiting.
        await _bounded.CancelAsync();
        _answer.Dispose();
        _bounded.Dispose();
    }
}
