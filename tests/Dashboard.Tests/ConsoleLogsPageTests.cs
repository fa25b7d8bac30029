using SdAspire.Dashboard.Tests.Browser;

namespace SdAspire.Dashboard.Tests;

public sealed class ConsoleLogsPageTests(DashboardFixture dashboard)
{
    [Fact]
    public async Task Hostile_lines_are_text()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/consolelogs/resource/hostile", ".line >> text=plain");
        var line = await visitor.Page.Locator(".line .text").First.InnerTextAsync();
        line.ShouldBe("<img src=x onerror=\"alert('line')\"> red click </script><script>alert(2)</script>");
        (await visitor.Page.Locator(".console img, .console script, .console a").CountAsync()).ShouldBe(0);
        (await visitor.Page.TitleAsync()).ShouldContain(Scene.HostileName);
        visitor.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task New_lines_arrive_and_the_end_is_followed_until_the_reader_scrolls_up()
    {
        var name = AddResource();
        dashboard.Resources.Write(name, Enumerable.Range(1, 300).Select(i => $"old line {i}"));
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync($"/consolelogs/resource/{name}", ".line >> text='old line 300'");

        dashboard.Resources.Write(name, "the newest");
        await visitor.Page.Locator(".line >> text='the newest'").WaitForAsync();
        (await DistanceFromEndAsync(visitor)).ShouldBeLessThan(30);

        await visitor.Page.Locator(".console").HoverAsync();
        await visitor.Page.Mouse.WheelAsync(0, -2000);
        await visitor.Page.Locator(".to-end").WaitForAsync();
        var before = await visitor.Page.EvaluateAsync<double>("document.querySelector('.console').scrollTop");
        dashboard.Resources.Write(name, "even newer");
        await visitor.Page.Locator(".status-bar >> text='302 lines'").WaitForAsync();
        (await visitor.Page.EvaluateAsync<double>("document.querySelector('.console').scrollTop")).ShouldBe(before, 1);

        await visitor.Page.ClickAsync(".to-end");
        await visitor.Page.Locator(".line >> text='even newer'").WaitForAsync();
        visitor.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Ten_thousand_lines_are_a_few_rows_in_the_page()
    {
        var name = AddResource();
        dashboard.Resources.Write(name, Enumerable.Range(1, 12_000).Select(i => $"\e[32minfo\e[0m: line {i}"));
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync($"/consolelogs/resource/{name}", ".line >> text='12000'");
        await visitor.Page.Locator(".status-bar >> text='10,000 lines'").WaitForAsync();
        (await visitor.Page.Locator(".line").CountAsync()).ShouldBeLessThan(150);
    }

    [Fact]
    public async Task A_search_marks_counts_and_goes_round()
    {
        var name = AddResource();
        dashboard.Resources.Write(name, Enumerable.Range(1, 200)
            .Select(i => i % 50 == 0 ? $"line {i} has a Needle" : $"line {i}"));
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync($"/consolelogs/resource/{name}", ".line");
        await visitor.Page.FillAsync("[data-search]", "needle");
        await visitor.Page.Locator(".hits >> text='1 of 4'").WaitForAsync();
        await visitor.Page.Locator("mark.now >> text=Needle").WaitForAsync();
        await visitor.Page.PressAsync("[data-search]", "Shift+Enter");
        await visitor.Page.Locator(".hits >> text='4 of 4'").WaitForAsync();
        await visitor.Page.GetByLabel("Next match").ClickAsync();
        await visitor.Page.Locator(".hits >> text='1 of 4'").WaitForAsync();
        visitor.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_paused_console_stands_still_and_then_catches_up()
    {
        var name = AddResource();
        dashboard.Resources.Write(name, "before");
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync($"/consolelogs/resource/{name}", ".line >> text='before'");
        await visitor.Page.GetByLabel("Pause").ClickAsync();
        await visitor.Page.Locator(".status-bar >> text='paused'").WaitForAsync();
        dashboard.Resources.Write(name, "meanwhile");
        // Something else that is drawn later shows that the line was not.
        AddResource(name, "Stopping");
        await visitor.Page.Locator(".toolbar .state >> text=Stopping").WaitForAsync();
        (await visitor.Page.Locator(".line >> text='meanwhile'").CountAsync()).ShouldBe(0);
        await visitor.Page.GetByLabel("Pause").ClickAsync();
        await visitor.Page.Locator(".line >> text='meanwhile'").WaitForAsync();
    }

    [Fact]
    public async Task A_wrapped_line_goes_on_in_the_next_row_and_can_be_downloaded_whole()
    {
        var name = AddResource();
        var text = string.Concat(Enumerable.Range(0, 60).Select(i => $"{i:0000} "));
        dashboard.Resources.Write(name, $"\e[31m{text}END\e[0m");
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync($"/consolelogs/resource/{name}", ".line");
        (await visitor.Page.Locator(".line").CountAsync()).ShouldBe(1);
        await visitor.Page.GetByLabel("Wrap long lines").ClickAsync();
        await visitor.Page.Locator(".line >> nth=1").WaitForAsync();
        string.Concat(await visitor.Page.Locator(".line .text").AllTextContentsAsync()).ShouldBe(text + "END");

        var download = await visitor.Page.RunAndWaitForDownloadAsync(() => visitor.Page.GetByLabel("Download").ClickAsync());
        using var reader = new StreamReader(await download.CreateReadStreamAsync());
        (await reader.ReadToEndAsync()).ShouldBe(text + "END\n");

        await visitor.Page.GetByLabel("Clear").ClickAsync();
        await visitor.Page.Locator("text=Nothing written yet").WaitForAsync();
    }

    private string AddResource(string? name = null, string state = "Running")
    {
        name ??= $"console-{Guid.NewGuid():N}"[..16];
        var resource = Scene.Make(name, "Executable", state, healthy: true, ("executable.path", "/bin/true"));
        resource.IsHidden = true;
        dashboard.Resources.Set(resource);
        return name;
    }

    private static Task<double> DistanceFromEndAsync(Visitor visitor) => visitor.Page.EvaluateAsync<double>(
        "(one => one.scrollHeight - one.scrollTop - one.clientHeight)(document.querySelector('.console'))");
}
