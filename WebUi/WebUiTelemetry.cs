using System.Diagnostics;

namespace SdAspire.WebUi;

internal static class WebUiTelemetry
{
    public static readonly ActivitySource Source = new("SdAspire.WebUi");
}
