using SdAspire.Hosting.Dashboard.Components.Logs;
using ConsoleLine = SdAspire.Hosting.Dashboard.Resources.ConsoleLine;

namespace SdAspire.Dashboard.Tests;

public sealed class AnsiTests
{
    [Theory]
    [InlineData("\e[31mred\e[0m", "red", "color:var(--ansi-1);")]
    [InlineData("\e[92mgreen", "green", "color:var(--ansi-10);")]
    [InlineData("\e[1;4;33mall", "all", "color:var(--ansi-3);font-weight:700;text-decoration:underline;")]
    [InlineData("\e[44mback", "back", "background:var(--ansi-bg-4);")]
    [InlineData("\e[41;30mfail", "fail", "color:var(--ansi-ink);background:var(--ansi-bg-1);")]
    [InlineData("\e[40m\e[32minfo", "info", "color:var(--ansi-2);")]
    [InlineData("\e[38;5;208morange", "orange", "color:#ff8700;")]
    [InlineData("\e[38;5;244mgray", "gray", "color:#808080;")]
    [InlineData("\e[48;2;1;2;255mtrue", "true", "background:#0102ff;")]
    [InlineData("\e[7mswapped", "swapped", "color:var(--surface);background:var(--text);")]
    [InlineData("\e[9mgone", "gone", "text-decoration:line-through;")]
    [InlineData("\u009B31mC1", "C1", "color:var(--ansi-1);")]
    public void Colours_and_the_like_become_styles(string line, string text, string css)
    {
        var parsed = Parse(line);
        parsed.Text.ShouldBe(text);
        parsed.Runs.ShouldHaveSingleItem().Style.ToCss().ShouldBe(css);
    }

    [Theory]
    [InlineData("\e]0;title\aleft", "left")]
    [InlineData("\e]8;;javascript:alert(1)\e\\click\e]8;;\e\\", "click")]
    [InlineData("\e[2J\e[Hhome\e[6n", "home")]
    [InlineData("\ePq#0;2;0\e\\after", "after")]
    [InlineData("\e(Bcharset\e=", "charset")]
    [InlineData("a\bb\0c\u0085d", "abcd")]
    [InlineData("10%\r55%\r100%", "100%")]
    [InlineData("done\r", "done")]
    [InlineData("tab\tstop", "tab     stop")]
    [InlineData("user\u202Egnp.exe", "user\uFFFDgnp.exe")]
    [InlineData("cut \e[", "cut ")]
    [InlineData("cut \e]0;never ends", "cut ")]
    [InlineData("\e", "")]
    public void What_else_a_terminal_would_do_is_left_out(string line, string text) => Parse(line).Text.ShouldBe(text);

    [Theory]
    [InlineData("\e[38;5;999mx")]
    [InlineData("\e[38;2;300;0;0mx")]
    [InlineData("\e[38mx")]
    [InlineData("\e[99999999999999mx")]
    [InlineData("\e[?25mx")]
    public void Codes_that_make_no_sense_change_nothing(string line)
    {
        var parsed = Parse(line);
        parsed.Text.ShouldBe("x");
        parsed.Runs.ShouldHaveSingleItem().Style.ShouldBe(default);
    }

    [Fact]
    public void A_colour_goes_on_in_the_next_line_until_it_is_reset()
    {
        var style = default(AnsiStyle);
        AnsiParser.Parse("\e[31mone", ref style);
        AnsiParser.Parse("two", ref style).Runs.Single().Style.Foreground.ShouldBe("var(--ansi-1)");
        AnsiParser.Parse("\e[mthree", ref style).Runs.Single().Style.Foreground.ShouldBeNull();
    }

    [Fact]
    public void A_line_without_end_is_cut() =>
        Parse(new string('x', 100_000)).Text.Length.ShouldBe(AnsiParser.MaxLength + 1);

    [Fact]
    public void Web_addresses_become_links_without_the_full_stop()
    {
        var style = default(AnsiStyle);
        var line = ShownLine.From("see \e[4mhttps://example.com/a?b=1\e[0m. Not javascript:alert(1) nor file:///etc", 1, false,
            ref style);
        var parts = line.Parts(0, line.Text.Length, [], null).ToList();
        parts.Where(part => part.Link is not null).Select(part => part.Link).ShouldBe(["https://example.com/a?b=1"]);
        string.Concat(parts.Select(part => part.Text)).ShouldBe(line.Text);
    }

    [Fact]
    public void The_parts_of_a_line_are_the_line_whatever_cuts_it()
    {
        var style = default(AnsiStyle);
        var line = ShownLine.From("2026-11-23T10:00:00Z \e[31mab\e[32mcd http://x.y/z\e[0m abc", 1, false, ref style);
        line.Timestamp.ShouldNotBeNull();
        line.Text.ShouldBe("abcd http://x.y/z abc");
        ConsoleMatch[] matches = [new(1, 1, 2), new(1, 18, 2)];
        var parts = line.Parts(0, line.Text.Length, matches, matches[0]).ToList();
        string.Concat(parts.Select(part => part.Text)).ShouldBe(line.Text);
        string.Concat(parts.Where(part => part.IsMatch).Select(part => part.Text)).ShouldBe("bcab");
        string.Concat(parts.Where(part => part.IsCurrent).Select(part => part.Text)).ShouldBe("bc");
        string.Concat(line.Parts(5, 6, matches, null).Select(part => part.Text)).ShouldBe("http:/");
    }

    [Fact]
    public void The_last_ten_thousand_lines_stay_and_long_ones_are_cut_into_rows()
    {
        var buffer = new ConsoleBuffer();
        buffer.Add([.. Enumerable.Range(1, 12_000)
            .Select(i => new ConsoleLine(i, i == 12_000 ? new string('y', 25) : $"line {i}", false))]);
        buffer.Layout(columns: 10);
        buffer.Lines.Count.ShouldBe(ConsoleBuffer.MaxLines);
        buffer.DroppedCount.ShouldBe(2000);
        buffer.Rows[^3..].Select(row => row.Length).ShouldBe([10, 10, 5]);

        buffer.Find("LINE 2001");
        buffer.Matches.ShouldHaveSingleItem().LineNumber.ShouldBe(2001);
        buffer.RowOf(buffer.Matches[0]).ShouldBe(0);
    }

    private static AnsiText Parse(string line)
    {
        var style = default(AnsiStyle);
        return AnsiParser.Parse(line, ref style);
    }
}
