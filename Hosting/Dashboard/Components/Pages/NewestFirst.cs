using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;
using Microsoft.JSInterop;

namespace SdAspire.Hosting.Dashboard.Components.Pages;

/// <summary>
/// A page with a long list, the newest first. Only the rows in view are asked for; while the reader is further down, what is new
/// waits above instead of pushing the rows away.
/// </summary>
public abstract class NewestFirst<TItem> : LiveComponent
{
    private DotNetObjectReference<NewestFirst<TItem>>? _self;
    private string? _watched;
    private bool _isAtTop = true;
    private int _totalAtTop;

    [Inject]
    private IJSRuntime Script { get; set; } = null!;

    /// <summary>The element that scrolls.</summary>
    protected ElementReference View { get; set; }

    /// <summary>The list.</summary>
    protected Virtualize<TItem>? List { get; set; }

    /// <summary>How many there are.</summary>
    protected int Total { get; private set; }

    /// <summary>How many wait above.</summary>
    protected int NewCount => _isAtTop ? 0 : Math.Max(0, Total - _totalAtTop);

    /// <summary>Reads a part of the list.</summary>
    protected abstract (IReadOnlyList<TItem> Items, int Total) Read(int offset, int count);

    /// <summary>Gives the list its rows.</summary>
    protected ValueTask<ItemsProviderResult<TItem>> ProvideAsync(ItemsProviderRequest request)
    {
        var (items, total) = Read(request.StartIndex + NewCount, Math.Max(1, request.Count));
        Total = total;
        if (_isAtTop)
            _totalAtTop = total;
        return ValueTask.FromResult(new ItemsProviderResult<TItem>(items, total - NewCount));
    }

    /// <inheritdoc/>
    protected override async Task RefreshAsync()
    {
        Total = Read(0, 1).Total;
        if (_isAtTop)
            await ReloadAsync();
    }

    /// <summary>Starts anew, for another filter.</summary>
    protected async Task ReloadAsync()
    {
        Total = _totalAtTop = Read(0, 1).Total;
        if (List is not null)
            await List.RefreshDataAsync();
    }

    /// <summary>Shows what waits above.</summary>
    protected async Task ToTopAsync()
    {
        _isAtTop = true;
        await ReloadAsync();
        await Script.InvokeVoidAsync("dashboard.toTop", Leaving, View);
    }

    /// <summary>Called by the browser when the list's beginning comes into view or leaves it.</summary>
    [JSInvokable]
    public async Task OnTop(bool isAtTop)
    {
        _isAtTop = isAtTop;
        if (isAtTop)
            await ReloadAsync();
        StateHasChanged();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (View.Id is null || View.Id == _watched)
            return;
        _watched = View.Id;
        _self ??= DotNetObjectReference.Create(this);
        await Script.InvokeVoidAsync("dashboard.watchTop", Leaving, View, _self);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _self?.Dispose();
    }
}
