using System.CommandLine;
using SdAspire.Training.Data;
using SdAspire.Training.Scenes;

namespace SdAspire.Training;

/// <summary><c>contact-sheet</c>: the captioned pictures on one sheet, to check that each shows what its caption says.</summary>
public static class ContactSheetCommand
{
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
            var composer = new Composer(pictures);
            LabelledSheet.Write(parsed.GetValue(output)!.FullName,
            [
                .. located.Select(one => (composer.Paint(new Scene(Layout.Whole, new Thing(one.Picture, one.Caption.Label))), one.Caption.Label)),
            ]);
            return 0;
        });
        return command;
    }
}
