using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using SdAspire.Hosting.Dashboard.Components.Logs;

namespace SdAspire.Hosting.Dashboard.Components.Controls;

/// <summary>A piece of console text with its colours, links and matches; what it holds is always text, never markup.</summary>
public sealed class LineText : ComponentBase
{
    [Parameter, EditorRequired]
    public ShownLine Line { get; set; } = null!;

    [Parameter]
    public int Start { get; set; }

    [Parameter]
    public int Length { get; set; }

    [Parameter]
    public IReadOnlyList<ConsoleMatch> Matches { get; set; } = [];

    [Parameter]
    public ConsoleMatch? Current { get; set; }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        foreach (var part in Line.Parts(Start, Length, Matches, Current))
        {
            builder.OpenElement(0, part.Link is not null ? "a" : part.IsMatch ? "mark" : "span");
            if (part.Link is not null)
            {
                builder.AddAttribute(1, "href", part.Link);
                builder.AddAttribute(2, "target", "_blank");
                builder.AddAttribute(3, "rel", "noopener noreferrer");
            }
            if (part.IsCurrent)
                builder.AddAttribute(4, "class", "now");
            if (part.Style is not null)
                builder.AddAttribute(5, "style", part.Style);
            if (part.Link is not null && part.IsMatch)
            {
                builder.OpenElement(6, "mark");
                builder.AddContent(7, part.Text);
                builder.CloseElement();
            }
            else
            {
                builder.AddContent(8, part.Text);
            }
            builder.CloseElement();
        }
    }
}
