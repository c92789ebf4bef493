using System.Globalization;
using GeminiEdge.Fuzz;
using SharpFuzz;

switch (args)
{
    case ["--list"]:
        foreach (var target in FuzzTargets.All)
        {
            Console.WriteLine(target.Name);
        }

        return 0;

    // As afl-fuzz starts it: in a process of its own, so that whatever ends that is one crash and not the end of the run.
    case [var name] when FuzzTargets.Find(name) is { } target:
        Fuzzer.OutOfProcess.Run(stream => target.Run(FuzzInput.All(stream)));
        return 0;

    // Without AFL++, as the tests do it.
    case ["--mutate", var name, var seed, var count] when FuzzTargets.Find(name) is { } target:
        var run = new FuzzRun(target, FuzzCorpus.Folder);
        var fault = run.Replay() ?? run.Mutate(int.Parse(seed, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture));
        Console.WriteLine(fault ?? "Nothing was found.");
        return fault is null ? 0 : 1;

    // To see what one input does.
    case [var name, .. var files] when files.Length > 0 && FuzzTargets.Find(name) is { } target:
        foreach (var file in files)
        {
            Console.WriteLine(file);
            target.Run(File.ReadAllBytes(file));
        }

        return 0;

    default:
        Console.Error.WriteLine("GeminiEdge.Fuzz --list | --mutate TARGET SEED COUNT | TARGET [FILE …]");
        return 2;
}
