using System.Text;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Tests.Forwarding;

public class ResourceNameTests
{
    [Theory]
    [InlineData("""{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc"}}""", "files/abc")]
    [InlineData("""{"file_data":{"file_uri" : "https:\/\/generativelanguage.googleapis.com\/v1\/files\/abc"}}""", "files/abc")]
    [InlineData("""{"fileUri":"files/abc"}""", "files/abc")]
    [InlineData("""{"cachedContent":"cachedContents/c1"}""", "cachedContents/c1")]
    [InlineData("""{"cached_content":"cachedContents/c1"}""", "cachedContents/c1")]
    [InlineData("""{"previous_interaction_id":"i1"}""", "interactions/i1")]
    [InlineData("""{"previousInteractionId":"i1"}""", "interactions/i1")]
    [InlineData("""{"previous_interaction_id":"interactions/i1"}""", "interactions/i1")]
    [InlineData("""{"tools":[{"fileSearch":{"fileSearchStoreNames":["fileSearchStores/s1","fileSearchStores/s2"]}}]}""", "fileSearchStores/s1")]
    [InlineData("""{"tools":[{"file_search":{"file_search_store_names" : [ "fileSearchStores/s1" ]}}]}""", "fileSearchStores/s1")]
    [InlineData("""{"fileSearchStoreNames":"fileSearchStores/s1"}""", "fileSearchStores/s1")]
    [InlineData("""{"fileSearchStoreNames":[]}""", null)]
    [InlineData("""{"batch":{"inputConfig":{"fileName":"files/abc"}}}""", "files/abc")]
    [InlineData("""{"batch":{"input_config":{"file_name":"files/abc"}}}""", "files/abc")]
    [InlineData("""{"input":[{"type":"document","uri":"https://generativelanguage.googleapis.com/v1beta/files/abc","mime_type":"application/pdf"}]}""", "files/abc")]
    [InlineData("""{"uri":"https://generativelanguage.googleapis.com/download/v1beta/files/abc:download?alt=media"}""", "files/abc")]
    [InlineData("""{"text":"a\\","uri":"files/abc"}""", "files/abc")]
    [InlineData("""{"uri":"https://www.youtube.com/watch?v=x"}""", null)]
    [InlineData("""{"uri":"https://cdn.example.com/files/abc"}""", null)]
    [InlineData("""{"args":{"file_name":"files/report.pdf","fileName":"notes.txt","uri":"about:blank"}}""", null)]
    [InlineData("""{"text":"the \"uri\":\"files/abc\" of it"}""", null)]
    [InlineData("""{"name":"uri","values":["fileUri","files/abc"]}""", null)]
    [InlineData("""{"uri""", null)]
    [InlineData("""{"uri":["files/abc""", null)]
    [InlineData("""{"fileUri":"https://cdn.example.com/profiles/1.png"}""", null)]
    [InlineData("""{"fileUri":"gs://bucket/files/x"}""", null)]
    [InlineData("""{"fileUri":"https://www.youtube.com/watch?v=files/1"}""", null)]
    [InlineData("""{"text":"\"fileUri\":\"files/abc\""}""", null)]
    [InlineData("""{"fileUri":7,"cachedContent":null}""", null)]
    public void FromBody_FindsWhatBelongsToAProject(string body, string? expected) =>
        Assert.Equal(expected, ResourceName.FromBody(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("POST", "/v1beta/models/veo:predictLongRunning", null)]
    [InlineData("POST", "/v1beta/models/m:batchGenerateContent", null)]
    [InlineData("GET", "/v1beta/models/veo/operations/op1", "operations/op1")]
    [InlineData("GET", "/v1beta/files/abc:download", "files/abc")]
    [InlineData("GET", "/download/v1beta/files/abc:download", "files/abc")]
    [InlineData("HEAD", "/download/v1/files/abc:download", "files/abc")]
    [InlineData("GET", "/download/v1beta/anything", null)]
    [InlineData("GET", "/v1beta/files", null)]
    [InlineData("DELETE", "/v1beta/cachedContents/c1", "cachedContents/c1")]
    [InlineData("POST", "/upload/v1beta/files", null)]
    [InlineData("POST", "/upload/v1beta/fileSearchStores/s1:uploadToFileSearchStore", "fileSearchStores/s1")]
    [InlineData("POST", "/v1beta/fileSearchStores/s1:importFile", "fileSearchStores/s1")]
    public void Read_CallForAResource_NamesItAndNeverAModel(string verb, string path, string? expected)
    {
        var call = GeminiCallReader.Read(verb, path, "", "");

        Assert.Equal(expected, call.Resource);
        Assert.True(call.ProjectBound);
    }
}
