namespace GeminiEdge.Sandbox.Gemini;

/// <summary>OpenAI's <c>chat/completions</c>, whole and streamed.</summary>
internal sealed class OpenAiChat(GeminiSandboxOptions options, ModelCatalog models)
{
    public async Task<GeminiError?> CompleteAsync(SandboxCall call)
    {
        if ((call.ReadJson(out var request) ?? FieldCheck.Check(request, GeminiMessages.Chat)) is { } malformed)
        {
            return malformed;
        }

        if (models.Find(request.Text("model"), embeds: false) is not { } model)
        {
            return GeminiErrors.UnknownModel(ModelCatalog.Bare(request.Text("model")), "v1main", "generateContent");
        }

        var error = !request.Items("messages").Any()
            ? GeminiErrors.InvalidArgument("* GenerateContentRequest.contents: contents is not specified\n")
            : KeyStateErrors.OfModel(call, model);
        if (error is not null)
        {
            return error;
        }

        var state = call.StateOf(model);
        await Pacing.BeforeAnswerAsync(call, options, state);
        var answers = SandboxAnswer.Several(Conversation.OfOpenAi(request), request.Number("n"));
        var response = new OpenAiResponse(ModelCatalog.Bare(request.Text("model")), answers, options.TimeProvider.GetUtcNow());
        if (!request.Flag("stream"))
        {
            return await call.AnswerAsync(state == SandboxKeyState.EmptyAnswer ? response.WithoutChoices() : response.Whole());
        }

        var usage = request.Field("stream_options").Flag("include_usage");
        await StreamedAnswer.SendAsync(call, options, state, response.Chunks(options.WordsPerChunk, usage));
        return null;
    }
}
