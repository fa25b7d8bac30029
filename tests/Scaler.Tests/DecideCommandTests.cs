using System.Diagnostics;

namespace SdAspire.Scaler.Tests;

public class DecideCommandTests
{
    private const string Counts = "--ready 3 --running 2 --pending 1";
    private const string Limits = "--max 5 --min 0 --value 1";

    [Theory]
    [InlineData($"{Counts} --strategy accurate {Limits}", "2")]
    [InlineData($"{Counts} --strategy default {Limits}", "1")]
    [InlineData($"{Counts} --strategy eager {Limits}", "2")]
    [InlineData($"{Counts} --strategy custom {Limits} --deduction -1 --percentage 0.5", "3")]
    [InlineData("--ready 3 --running 1 --pending 0 --strategy accurate --max 5 --min 3 --value 1", "2")]
    [InlineData($"{Counts} --strategy accurate {Limits} --activation 3", "0")]
    public async Task Prints_the_number(string arguments, string expected)
    {
        var (code, output, error) = await RunAsync(arguments);
        error.ShouldBeEmpty();
        output.ShouldBe(expected + "\n");
        code.ShouldBe(0);
    }

    [Theory]
    [InlineData($"--ready many --running 2 --pending 1 --strategy accurate {Limits}")]
    [InlineData($"--ready -1 --running 2 --pending 1 --strategy accurate {Limits}")]
    [InlineData($"{Counts} --strategy precise {Limits}")]
    [InlineData($"{Counts} --strategy accurate --max 0 --min 0 --value 1")]
    [InlineData($"{Counts} --strategy accurate --max 5 --min -1 --value 1")]
    [InlineData($"{Counts} --strategy accurate --max 5 --min 0 --value 0")]
    [InlineData($"{Counts} --strategy accurate --max 5 --min 0 --value 0,5")]
    [InlineData($"{Counts} --strategy custom {Limits} --percentage NaN")]
    [InlineData($"{Counts} --strategy accurate {Limits} --replicas 3")]
    [InlineData("--ready 3")]
    public async Task Refuses_bad_input_in_one_line(string arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        code.ShouldBe(2);
        output.ShouldBeEmpty();
        error.TrimEnd('\n').ShouldNotBeEmpty();
        error.TrimEnd('\n').ShouldNotContain('\n');
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string arguments)
    {
        var info = new ProcessStartInfo("dotnet", ["exec", typeof(ScalerOptions).Assembly.Location, "decide", .. arguments.Split(' ')])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
