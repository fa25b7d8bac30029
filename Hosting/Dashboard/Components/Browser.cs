using Microsoft.JSInterop;

namespace SdAspire.Hosting.Dashboard.Components;

/// <summary>What only the browser can do.</summary>
internal sealed class Browser(IJSRuntime script)
{
    /// <summary>Puts a text on the clipboard.</summary>
    public ValueTask CopyAsync(string text) => script.InvokeVoidAsync("dashboard.copy", text);

    /// <summary>Offers a text as a file.</summary>
    public ValueTask DownloadAsync(string fileName, string text) => script.InvokeVoidAsync("dashboard.download", fileName, text);
}
