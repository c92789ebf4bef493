"""This checkout beside another commit of it: throughput of both routes, and start to first answer, in one run."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from statistics import median

from . import builds, load, targets
from .processes import BenchError
from .rounds import interleave, say
from .starts import until_first_answer
from .table import Row, at_least, at_most, paired
from .targets import GENERATE, NATIVE, edge

THROUGHPUT_BAR = at_least(0.97)
START_BAR = at_most(1.05)
ROUTES = {"generate": (GENERATE, "`/api/generate`"), "native": (NATIVE, "native route")}


def build(commit, folder):
    """Publishes the edge of a commit, once; what a former run left there is used as it is."""
    if not (folder / "aot").exists():
        with tempfile.TemporaryDirectory(prefix="gemini-edge-bench-") as name:
            tree = Path(name) / "tree"
            _git("worktree", "add", "--detach", tree, commit)
            try:
                # Before the native executable had a project of its own, it was the function app's.
                project = next(p for p in ("src/GeminiEdge.Server", "src/GeminiEdge.Functions") if (tree / p).exists())
                builds.publish(project, folder / "jit", "-p:PublishAot=false", root=tree)
                builds.publish(project, folder / "aot", root=tree)
            finally:
                _git("worktree", "remove", "--force", tree)
    return {"jit": folder / "jit", "aot": folder / "aot"}


def measure(bench):
    """Nothing without `--against`."""
    if bench.former is None:
        return
    say(f"beside {bench.options.against}")
    ours = {"jit": bench.builds.jit, "aot": bench.builds.aot}
    subjects = {}
    for way in ("jit", "aot"):
        for route, (request, _) in ROUTES.items():
            for side, build_of in (("this", ours), ("that", bench.former)):
                launch = edge(build_of[way], bench.folder, bench.upstream.port)
                process = launch.start(bench.processes)
                targets.first_answer(launch, process)
                subjects[way, route, side] = launch.target(f"{way} {route} {side}", process, request)
    for target in subjects.values():
        load.run(target, bench.options.warmup, bench.options.connections, bench.options.threads)
    results = interleave(bench.options.rounds, subjects, lambda target: load.run(
        target, bench.options.seconds, bench.options.connections, bench.options.threads))
    for way in ("jit", "aot"):
        for route, (_, label) in ROUTES.items():
            this, that = (way, route, "this"), (way, route, "that")
            yield Row(f"throughput, {way.upper()}, {label} : {bench.options.against}",
                      paired(results, this, that, lambda run: run.per_second), THROUGHPUT_BAR,
                      detail=f"{median(run.per_second for run in results[this]):,.0f}/s : "
                             f"{median(run.per_second for run in results[that]):,.0f}/s")

    both = {(way, side): build_of[way] for way in ("jit", "aot") for side, build_of in (("this", ours), ("that", bench.former))}
    started = interleave(bench.options.starts, both, lambda build_of: until_first_answer(bench, edge, build_of))
    for way in ("jit", "aot"):
        yield Row(f"start to first answer, {way.upper()} : {bench.options.against}",
                  paired(started, (way, "this"), (way, "that"), float), START_BAR,
                  detail=f"{median(started[way, 'this']):.0f} ms : {median(started[way, 'that']):.0f} ms")


def _git(*arguments):
    done = subprocess.run([shutil.which("git"), *arguments], cwd=builds.ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise BenchError(f"git {arguments[0]} failed:\n{done.stdout}")
