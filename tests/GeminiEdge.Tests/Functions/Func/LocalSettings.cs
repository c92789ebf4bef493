using System.Text.Json;
using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Functions.Func;

/// <summary>local.settings.json as func reads it (SecretsManager and AppSettingsFile): a file that is missing or broken counts as an empty one.</summary>
internal sealed record LocalSettings(IReadOnlyDictionary<string, string> Values, string? Warning = null)
{
    private static readonly LocalSettings None = new(new Dictionary<string, string>());

    public static LocalSettings Read(string folder)
    {
        var path = Path.Combine(AppRoot.Find(folder, "host.json", "local.settings.json"), "local.settings.json");
        if (!File.Exists(path))
        {
            return None;
        }

        try
        {
            var file = JsonNode.Parse(File.ReadAllText(path))!;
            var values = file[nameof(Values)]!.AsObject().ToDictionary(value => value.Key, value => (string?)value.Value ?? "");
            if ((bool?)file["IsEncrypted"] ?? true)
            {
                throw new FuncException("Failed to decrypt settings. Encrypted settings only be edited through 'func settings add'.");
            }

            return new(values);
        }
        catch (JsonException broken)
        {
            return None with { Warning = $"Failed to read app settings file at '{path}'. Ensure it is a valid JSON file. {broken.Message}" };
        }
    }
}
