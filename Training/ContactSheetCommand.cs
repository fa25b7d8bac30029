using System.CommandLine;
using SdAspire.Training.Data;
using SkiaSharp;

namespace SdAspire.Training;

/// <summary><c>contact-sheet</c>: the captioned pictures on one sheet, to check that each shows what its caption says.</summary>
public static class ContactSheetCommand
{
    const int Columns = 10;
    const int LineHeight = 14;

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder written by prepare", Required = true };
        var captions = new Option<FileInfo>("--captions") { Description = "Caption list (captions.json)", Required = true };
        var output = new Option<FileInfo>("--out") { Description = "PNG to write", Required = true };
        var command = new Command("contact-sheet", "Draws the captioned pictures on one sheet.") { data, captions, output };
        command.SetAction(parsed =>
        {
            var pictures = PictureSet.Load(parsed.GetValue(data)!.FullName);
            var located = CaptionList.Load(parsed.GetValue(captions)!.FullName).Locate(pictures);
            Draw(pictures, located, parsed.GetValue(output)!.FullName);
            return 0;
        });
        return command;
    }

    static void Draw(PictureSet pictures, IReadOnlyList<(Caption Caption, int Picture)> located, string path)
    {
        var size = pictures.Index.Size;
        int cellWidth = Math.Max(size, 110), cellHeight = size + LineHeight + 6;
        using var sheet = new SKBitmap(Columns * cellWidth, (located.Count + Columns - 1) / Columns * cellHeight);
        using var canvas = new SKCanvas(sheet);
        using var text = new SKPaint { Color = SKColors.Black, TextSize = LineHeight - 2, IsAntialias = true };
        canvas.Clear(SKColors.White);
        for (var i = 0; i < located.Count; i++)
        {
            int left = i % Columns * cellWidth, top = i / Columns * cellHeight;
            using var picture = ToBitmap(pictures[located[i].Picture], size);
            canvas.DrawBitmap(picture, left, top);
            canvas.DrawText(located[i].Caption.Label, left, top + size + LineHeight, text);
        }
        using var png = sheet.Encode(SKEncodedImageFormat.Png, 100);
        using var file = File.Create(path);
        png.SaveTo(file);
    }

    static SKBitmap ToBitmap(ReadOnlySpan<byte> planar, int size)
    {
        var bitmap = new SKBitmap(size, size);
        for (var i = 0; i < size * size; i++)
            bitmap.SetPixel(i % size, i / size, new SKColor(planar[i], planar[size * size + i], planar[2 * size * size + i]));
        return bitmap;
    }
}
