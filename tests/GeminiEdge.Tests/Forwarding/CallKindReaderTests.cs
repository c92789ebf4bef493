using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Forwarding;

public class CallKindReaderTests
{
    [Theory]
    [InlineData("POST", "/v1beta/models/a:generateContent", "generate")]
    [InlineData("POST", "/v1/models/a:streamGenerateContent", "generate")]
    [InlineData("POST", "/v1beta/models/a:generateAnswer", "other")]
    [InlineData("POST", "/v1beta/tunedModels/a:generateContent", "other")]
    [InlineData("POST", "/v1beta/tunedModels", "other")]
    [InlineData("GET", "/v1beta/models", "other")]
    [InlineData("GET", "/v1beta/models/a", "other")]
    [InlineData("POST", "/v1beta/models/a:countTokens", "count")]
    [InlineData("POST", "/v1beta/models/a:embedContent", "embed")]
    [InlineData("POST", "/v1beta/models/a:batchEmbedContents", "embed")]
    [InlineData("POST", "/v1beta/models/a:predict", "media")]
    [InlineData("POST", "/v1beta/models/a:predictLongRunning", "media")]
    [InlineData("GET", "/v1beta/models/a/operations/b", "media")]
    [InlineData("POST", "/v1beta/models/a:batchGenerateContent", "batch")]
    [InlineData("POST", "/v1beta/models/a:asyncBatchEmbedContent", "batch")]
    [InlineData("GET", "/v1beta/batches/a", "batch")]
    [InlineData("POST", "/v1beta/batches/a:cancel", "batch")]
    [InlineData("POST", "/v1beta/cachedContents", "cache")]
    [InlineData("DELETE", "/v1beta/files/a", "file")]
    [InlineData("GET", "/v1beta/files/a:download?alt=media", "file")]
    [InlineData("POST", "/upload/v1beta/files", "file")]
    [InlineData("POST", "/v1beta/fileSearchStores/a:importFile", "file")]
    [InlineData("POST", "/v1beta/files:register", "other")]
    [InlineData("POST", "/v1beta/interactions", "interaction")]
    [InlineData("POST", "/v1beta/openai/chat/completions", "openai")]
    [InlineData("POST", "/v1beta/openai/embeddings", "openai")]
    [InlineData("POST", "/v1beta/openai/images/generations", "media")]
    [InlineData("POST", "/v1beta/openai/batches", "batch")]
    [InlineData("GET", "/v1beta/openai/models", "other")]
    [InlineData("POST", "/v1beta/corpora", "other")]
    [InlineData("POST", "/v1beta/", "other")]
    public void Read_OfAPath_TellsItsKind(string verb, string target, string kind)
    {
        var parts = target.Split('?');

        Assert.Equal(kind, GeminiCallReader.Read(verb, parts[0], parts.Length > 1 ? "?" + parts[1] : "", "").Kind.Name());
    }

    [Theory]
    [InlineData("""{"tools":[{"google_search":{}}]}""", "grounded")]
    [InlineData("""{"contents":[],"tools":[{"functionDeclarations":[]},{ "googleSearch" : {} }]}""", "grounded")]
    [InlineData("""{"tools":[{"googleSearchRetrieval":{}}]}""", "grounded")]
    [InlineData("""{"tools":[{"url_context":{}}]}""", "grounded")]
    [InlineData("""{"t\u006fols":[{"google_search":{}}]}""", "grounded")]
    [InlineData("""{"tools":[{"google_s\u0065arch":{}}]}""", "grounded")]
    [InlineData("""{"contents":[{"parts":[{"text":"caf\u00e9 \u003cb\u003e \u0027x\u0027"}]}]}""", "generate")]
    [InlineData("""{"tools":[{"functionDeclarations":[{"name":"google_search"}]}]}""", "generate")]
    [InlineData("""{"contents":[{"parts":[{"text":"\"tools\":[{\"google_search\":{}}]"}]}],"tools":[]}""", "generate")]
    [InlineData("""{"contents":[{"parts":[{"text":"google_search"}]}]}""", "generate")]
    public void Read_OfABody_TellsWhetherItIsGrounded(string body, string kind)
    {
        var call = GeminiCallReader.Read("POST", "/v1beta/models/a:generateContent", "", "");

        Assert.Equal(kind, CallBody.Read(call, RequestBody.Of(System.Text.Encoding.UTF8.GetBytes(body))).Kind.Name());
    }
}
