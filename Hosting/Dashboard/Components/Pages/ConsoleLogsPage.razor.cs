using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using SdAspire.Hosting.Dashboard.Components.Logs;
using SdAspire.Hosting.Dashboard.Resources;

namespace SdAspire.Hosting.Dashboard.Components.Pages;

/// <summary>What a resource writes, live.</summary>
public sealed partial class ConsoleLogsPage : LiveComponent
{
    private const int RowHeight = 19;
    private const int NarrowColumns = 60;
    private const int NumberWidth = 58;
    private const int StampWidth = 104;

    private ConsoleBuffer _buffer = new();
    private List<ConsoleRow> _rows = [];
    private CancellationTokenSource? _reading;
    private string? _readName;
    private ResourceInfo? _resource;
    private IReadOnlyList<string> _names = [];
    private ElementReference _view;
    private DotNetObjectReference<ConsoleLogsPage>? _self;
    private string? _watchedView;
    private string _find = "";
    private int _current;
    private int _columns = 120;
    private int _shownLines;
    private int _measuredTaken;
    private bool _isMeasured;
    private bool _isPaused;
    private bool _wraps;
    private bool _stamps = true;
    private bool _follows = true;
    private bool _isNewContent;

    /// <summary>The resource's name.</summary>
    [Parameter]
    public string? Name { get; set; }

    private ConsoleMatch? Current => _current < _buffer.Matches.Count ? _buffer.Matches[_current] : null;

    private int Taken => NumberWidth + (_stamps && _buffer.HasTimestamps ? StampWidth : 0);

    private string Waiting => _resource is null
        ? "There is no such resource now."
        : $"Lines appear here as soon as {_resource.DisplayName} writes any.";

    /// <inheritdoc/>
    protected override void OnInitialized() => Watch(Feed.Subscribe(Changed));

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        ReadResources();
        if (Name != _readName)
            Start();
    }

    /// <inheritdoc/>
    protected override void Refresh()
    {
        ReadResources();
        if (!_isPaused)
            Arrange();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (Name is not null && _watchedView != _view.Id)
        {
            _watchedView = _view.Id;
            _self ??= DotNetObjectReference.Create(this);
            await Script.InvokeVoidAsync("dashboard.watchLog", Leaving, _view, _self);
        }
        if (_measuredTaken != Taken && _watchedView is not null)
        {
            _measuredTaken = Taken;
            await Script.InvokeVoidAsync("dashboard.measureLog", Leaving, _view);
        }
        if (_isNewContent && _follows)
        {
            _isNewContent = false;
            await Script.InvokeVoidAsync("dashboard.toEnd", Leaving, _view);
        }
    }

    /// <summary>Called by the browser when the width changes.</summary>
    [JSInvokable]
    public void OnColumns(int columns)
    {
        if (!_isMeasured && columns < NarrowColumns)
        {
            // A telephone: what would be cut off is worth more than the time.
            _wraps = true;
            _stamps = false;
        }
        _isMeasured = true;
        _columns = Math.Clamp(columns, 20, 2000);
        if (!_wraps)
            return;
        Arrange();
        StateHasChanged();
    }

    /// <summary>Called by the browser when the end comes into view or leaves it.</summary>
    [JSInvokable]
    public void OnFollow(bool follows)
    {
        _follows = follows;
        StateHasChanged();
    }

    private void ReadResources()
    {
        var all = Feed.Resources;
        _resource = all.FirstOrDefault(one => one.Name.Equals(Name, StringComparison.OrdinalIgnoreCase))
            ?? all.FirstOrDefault(one => one.DisplayName.Equals(Name, StringComparison.OrdinalIgnoreCase));
        _names = [.. all.Where(one => !one.IsHidden && HasConsole(one) || one == _resource).Select(one => one.Name)];
        if (Name is null && _names.Count > 0)
        {
            var first = all.FirstOrDefault(one => _names.Contains(one.Name) && one.State == "Running")?.Name ?? _names[0];
            Navigation.NavigateTo(Links.Console(first), replace: true);
        }
    }

    private static bool HasConsole(ResourceInfo resource) => resource.Type is not ("Parameter" or "ConnectionString");

    private string DisplayNameOf(string name) =>
        Feed.Resources.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.DisplayName ?? name;

    private void Start()
    {
        _reading?.Cancel();
        _reading?.Dispose();
        _readName = Name;
        _buffer = new ConsoleBuffer();
        _isPaused = false;
        _follows = true;
        Arrange();
        if (Name is null)
            return;
        _reading = CancellationTokenSource.CreateLinkedTokenSource(Leaving);
        _ = ReadAsync(_resource?.Name ?? Name, _buffer, _reading.Token);
    }

    private async Task ReadAsync(string name, ConsoleBuffer into, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var batch in Feed.ConsoleAsync(name, cancellationToken))
            {
                into.Add(batch);
                Changed();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Another resource was picked, or the page was left.
        }
        catch (Exception exception)
        {
            await DispatchExceptionAsync(exception);
        }
    }

    private void Arrange()
    {
        _buffer.Layout(_wraps ? _columns : null);
        _buffer.Find(_find);
        _current = Math.Clamp(_current, 0, Math.Max(0, _buffer.Matches.Count - 1));
        _rows = _buffer.Rows;
        _shownLines = _buffer.Lines.Count;
        _isNewContent = true;
    }

    private void Pick(string name) => Navigation.NavigateTo(Links.Console(name));

    private async Task SetFindAsync(string? text)
    {
        _find = text ?? "";
        Arrange();
        _current = 0;
        if (Current is { } match)
            await GoToAsync(match);
    }

    private Task OnFindKeyAsync(KeyboardEventArgs key) =>
        key.Key == "Enter" ? StepAsync(key.ShiftKey ? -1 : 1) : Task.CompletedTask;

    private async Task StepAsync(int by)
    {
        if (_buffer.Matches.Count == 0)
            return;
        _current = (_current + by + _buffer.Matches.Count) % _buffer.Matches.Count;
        await GoToAsync(_buffer.Matches[_current]);
    }

    private async Task GoToAsync(ConsoleMatch match)
    {
        _follows = false;
        if (_buffer.RowOf(match) is >= 0 and var row)
            await Script.InvokeVoidAsync("dashboard.toRow", Leaving, _view, row, RowHeight);
    }

    private void TogglePause()
    {
        _isPaused = !_isPaused;
        if (!_isPaused)
            Arrange();
    }

    private async Task ToggleWrapAsync()
    {
        _wraps = !_wraps;
        Arrange();
        await Script.InvokeVoidAsync("dashboard.measureLog", Leaving, _view);
    }

    private void ToggleStamps() => _stamps = !_stamps;

    private async Task FollowAsync()
    {
        _follows = true;
        await Script.InvokeVoidAsync("dashboard.toEnd", Leaving, _view);
    }

    private async Task DownloadAsync()
    {
        var name = string.Concat((Name ?? "console").Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        await Browser.DownloadAsync(
            string.Create(CultureInfo.InvariantCulture, $"{name}-{Now.ToLocalTime():yyyyMMdd-HHmmss}.txt"), _buffer.AsText());
    }

    private void Clear()
    {
        _buffer.Clear();
        Arrange();
    }

    private static string Pressed(bool on) => on ? "true" : "false";

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        _reading?.Cancel();
        _reading?.Dispose();
        _reading = null;
        _self?.Dispose();
    }
}
