namespace SdAspire.WebUi.Api;

// In the API's reference these are one of what their properties are; there are no such objects.

/// <summary>What was accepted: a generation, or with <c>parallel</c> one for each picture.</summary>
internal sealed record AcceptedView(GenerationView Generation, GenerationBatch Batch);

/// <summary>
/// The data of an event: of <c>step</c> a StepView, of <c>preview</c> a PreviewView, of <c>deleted</c> a DeletedView, of all
/// others a GenerationView.
/// </summary>
internal sealed record EventData(GenerationView Generation, StepView Step, PreviewView Preview, DeletedView Deleted);
