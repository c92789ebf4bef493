namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The requests that the sandbox checks, field by field: what Google's own descriptions and SDKs know of them.</summary>
internal static class GeminiMessages
{
    private static readonly ProtoField Text = new(ProtoType.String);
    private static readonly ProtoField Flag = new(ProtoType.Bool);
    private static readonly ProtoField Int32 = new(ProtoType.Int32);
    private static readonly ProtoField Int64 = new(ProtoType.Int64);
    private static readonly ProtoField Float = new(ProtoType.Float);
    private static readonly ProtoField Double = new(ProtoType.Double);
    private static readonly ProtoField Bytes = new(ProtoType.Bytes);
    private static readonly ProtoField Struct = new(ProtoType.Struct);
    private static readonly ProtoField Any = new(ProtoType.Value);

    private static readonly ProtoField Type = Enum("Type", "TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL");

    private static readonly ProtoMessage SchemaMessage = new ProtoMessage("Schema")
        .With(Type, "type")
        .With(Text, "format", "title", "description", "pattern")
        .With(Text.Repeated, "enum", "required", "propertyOrdering")
        .With(Flag, "nullable")
        .With(Int64, "maxItems", "minItems", "minProperties", "maxProperties", "minLength", "maxLength")
        .With(Double, "minimum", "maximum")
        .With(Any, "example", "default");

    private static readonly ProtoField Schema = Of(SchemaMessage);

    private static readonly ProtoField Part = Of(new ProtoMessage("Part")
        .With(Text, "text")
        .With(Flag, "thought")
        .With(Bytes, "thoughtSignature")
        .With(Of(new ProtoMessage("Blob").With(Text, "mimeType", "displayName").With(Bytes, "data")), "inlineData")
        .With(Of(new ProtoMessage("FileData").With(Text, "mimeType", "fileUri", "displayName")), "fileData")
        .With(Of(new ProtoMessage("FunctionCall", isOpen: true).With(Text, "id", "name").With(Struct, "args")), "functionCall")
        .With(Of(new ProtoMessage("FunctionResponse", isOpen: true).With(Text, "id", "name").With(Struct, "response").With(Flag, "willContinue")), "functionResponse")
        .With(Of(new ProtoMessage("ExecutableCode", isOpen: true).With(Text, "code")), "executableCode")
        .With(Of(new ProtoMessage("CodeExecutionResult", isOpen: true).With(Text, "output")), "codeExecutionResult")
        .With(Unread("VideoMetadata"), "videoMetadata")
        .With(Struct, "partMetadata")
        .With(Any, "mediaResolution", "audioTranscription", "toolCall", "toolResponse"));

    private static readonly ProtoField Content = Of(new ProtoMessage("Content").With(Part.Repeated, "parts").With(Text, "role"));

    private static readonly ProtoField Config = Of(new ProtoMessage("GenerationConfig")
        .With(Int32, "candidateCount", "maxOutputTokens", "topK", "seed", "logprobs")
        .With(Float, "temperature", "topP", "presencePenalty", "frequencyPenalty")
        .With(Flag, "responseLogprobs", "enableEnhancedCivicAnswers", "audioTimestamp", "enableAffectiveDialog")
        .With(Text.Repeated, "stopSequences")
        .With(Text, "responseMimeType")
        .With(Schema, "responseSchema")
        .With(Any, "responseJsonSchema", "responseFormat")
        .With(Enum("GenerationConfig.Modality").Repeated, "responseModalities")
        .With(Enum("GenerationConfig.MediaResolution"), "mediaResolution")
        .With(Of(new ProtoMessage("ThinkingConfig", isOpen: true).With(Flag, "includeThoughts").With(Int32, "thinkingBudget").With(Enum("ThinkingConfig.ThinkingLevel"), "thinkingLevel")), "thinkingConfig")
        .With(Unread("SpeechConfig"), "speechConfig")
        .With(Unread("ImageConfig"), "imageConfig")
        .With(Any, "routingConfig", "modelSelectionConfig", "translationConfig", "audioTranscriptionConfig"));

    private static readonly ProtoField Tool = Of(new ProtoMessage("Tool", isOpen: true)
        .With(Of(new ProtoMessage("FunctionDeclaration", isOpen: true)
            .With(Text, "name", "description")
            .With(Schema, "parameters", "response")
            .With(Any, "parametersJsonSchema", "responseJsonSchema")).Repeated, "functionDeclarations")
        .With(Unread("Tool.GoogleSearch"), "googleSearch")
        .With(Unread("GoogleSearchRetrieval"), "googleSearchRetrieval")
        .With(Unread("CodeExecution"), "codeExecution")
        .With(Unread("UrlContext"), "urlContext"));

    private static readonly ProtoField ToolConfig = Of(new ProtoMessage("ToolConfig", isOpen: true)
        .With(Of(new ProtoMessage("FunctionCallingConfig", isOpen: true)
            .With(Enum("FunctionCallingConfig.Mode", "MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"), "mode")
            .With(Text.Repeated, "allowedFunctionNames")), "functionCallingConfig"));

    static GeminiMessages() => SchemaMessage.With(Schema, "items").With(Schema.Repeated, "anyOf").With(Schema.Map, "properties");

    public static ProtoMessage Generate { get; } = new ProtoMessage("GenerateContentRequest")
        .With(Text, "model", "cachedContent")
        .With(Content.Repeated, "contents")
        .With(Content, "systemInstruction")
        .With(Config, "generationConfig")
        .With(Tool.Repeated, "tools")
        .With(ToolConfig, "toolConfig")
        .With(Of(new ProtoMessage("SafetySetting", isOpen: true).With(Enum("HarmCategory"), "category").With(Enum("SafetySetting.HarmBlockThreshold"), "threshold")).Repeated, "safetySettings")
        .With(Text.Map, "labels")
        .With(Flag, "store")
        .With(Enum("ServiceTier"), "serviceTier");

    public static ProtoMessage Count { get; } = new ProtoMessage("CountTokensRequest")
        .With(Text, "model")
        .With(Content.Repeated, "contents")
        .With(Of(Generate), "generateContentRequest");

    public static ProtoMessage Embed { get; } = new ProtoMessage("EmbedContentRequest", isOpen: true)
        .With(Text, "model", "title")
        .With(Content, "content")
        .With(Enum("TaskType"), "taskType")
        .With(Int32, "outputDimensionality");

    public static ProtoMessage EmbedBatch { get; } = new ProtoMessage("BatchEmbedContentsRequest", isOpen: true).With(Of(Embed).Repeated, "requests");

    public static ProtoMessage Cache { get; } = new ProtoMessage("CachedContent", isOpen: true)
        .With(Text, "model", "displayName", "name")
        .With(Content.Repeated, "contents")
        .With(Content, "systemInstruction")
        .With(Tool.Repeated, "tools")
        .With(ToolConfig, "toolConfig");

    /// <summary>What an inlined request holds is judged when it is done.</summary>
    public static ProtoMessage Batch { get; } = new ProtoMessage("BatchGenerateContentRequest")
        .With(Of(new ProtoMessage("GenerateContentBatch", isOpen: true)
            .With(Text, "displayName", "model")
            .With(Int64, "priority")
            .With(Of(new ProtoMessage("InputConfig")
                .With(Text, "fileName")
                .With(Of(new ProtoMessage("InlinedRequests")
                    .With(Of(new ProtoMessage("InlinedRequest", isOpen: true).With(Struct, "request", "metadata")).Repeated, "requests")), "requests")), "inputConfig")), "batch");

    /// <summary>OpenAI's dialect, which has no types of Google's.</summary>
    public static ProtoMessage Chat { get; } = new ProtoMessage("ChatCompletionRequest", isOpen: true)
        .With(Text, "model", "user")
        .With(Float, "temperature", "topP", "presencePenalty", "frequencyPenalty")
        .With(Int32, "maxTokens", "maxCompletionTokens", "n", "seed", "topLogprobs")
        .With(Flag, "stream", "logprobs")
        .With(Unread("ChatMessage").Repeated, "messages");

    /// <summary>The Interactions API, in snake case throughout.</summary>
    public static ProtoMessage Interaction { get; } = new ProtoMessage("CreateInteractionRequest", isOpen: true)
        .With(Text, "model", "agent", "previousInteractionId", "systemInstruction", "responseMimeType")
        .With(Flag, "stream", "store", "background")
        .With(Of(new ProtoMessage("GenerationConfig", isOpen: true)
            .With(Float, "temperature", "topP")
            .With(Int32, "seed", "maxOutputTokens")
            .With(Text.Repeated, "stopSequences")), "generationConfig");

    private static ProtoField Of(ProtoMessage message) => new(ProtoType.Message, Message: message);

    /// <summary>An object that is not looked into.</summary>
    private static ProtoField Unread(string name) => new(ProtoType.Message, TypeName: name);

    private static ProtoField Enum(string name, params string[] names) => new(ProtoType.Enum, TypeName: name, Names: names);
}
