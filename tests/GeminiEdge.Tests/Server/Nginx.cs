using System.Diagnostics;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Server;

/// <summary>A real nginx; unless told otherwise as somebody sets it up who knows only <c>proxy_pass</c>.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private const string Program = "/usr/sbin/nginx";
    private readonly DirectoryInfo _folder;
    private readonly Process _process;

    private Nginx(DirectoryInfo folder, Process process, Uri url) => (_folder, _process, Url) = (folder, process, url);

    public Uri Url { get; }

    public static async Task<Nginx> StartAsync(Uri edge, string? location = null)
    {
        await InstallAsync();
        var (folder, url) = (Directory.CreateTempSubdirectory("nginx-"), new Uri(RawUpstream.Nobody()));
        var configuration = Path.Combine(folder.FullName, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            worker_processes 1;
            pid {{folder.FullName}}/pid;
            error_log /dev/null;
            events {}
            http {
                access_log off;
                server {
                    listen {{url.Authority}};
                    {{location ?? $"location / {{ proxy_pass {edge.GetLeftPart(UriPartial.Authority)}; }}"}}
                }
            }
            """);
        var nginx = new Nginx(folder, Process.Start(Program, ["-p", folder.FullName, "-c", configuration]), url);
        using var client = new HttpClient();
        await Eventually.IsAsync(() => Answers(client, url));
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        // Its workers end with it.
        Process.Start("kill", ["-TERM", $"{_process.Id}"]).WaitForExit();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task InstallAsync()
    {
        if (!File.Exists(Program))
        {
            using var install = Process.Start("bash", ["-c", "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nginx-light >/dev/null"]);
            await install.WaitForExitAsync();
            Assert.True(install.ExitCode == 0, "nginx is missing, and apt-get could not install nginx-light.");
        }
    }

    private static bool Answers(HttpClient client, Uri url)
    {
        try
        {
            using var answer = client.GetAsync(url).GetAwaiter().GetResult();
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
