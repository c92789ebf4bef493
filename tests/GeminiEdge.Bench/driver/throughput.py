"""Requests per second at full load, and the latency of a single connection."""

from statistics import median

from . import load, targets
from .nginx import DEAD_KEY, Proxy
from .rounds import interleave, say
from .table import Row, at_least, at_most, paired
from .targets import GENERATE, NATIVE, PRIMARY_KEY, Target, edge, worker

PLAIN, KEPT = "nginx with `proxy_pass` alone", "nginx that keeps connections"

# nginx's default opens a connection to the upstream for each request, and is three times as slow on loopback as one that
# keeps them, as the edge does. The bars are held against both.
THROUGHPUT_BARS = {
    "jit generate": at_least(0.75), "jit native": at_least(0.85),
    "aot generate": at_least(0.65), "aot native": at_least(0.65),
}
LATENCY_BARS = {"jit": at_most(1.7), "aot": at_most(2.2)}
WORKER_BAR = at_least(10)
DEAD_BAR = at_least(0.97)

LABELS = {
    "jit generate": "JIT, `/api/generate`", "jit native": "JIT, native route",
    "aot generate": "AOT, `/api/generate`", "aot native": "AOT, native route",
    "jit": "JIT", "aot": "AOT", "worker": "Worker",
}


def measure(bench):
    """Starts everything, warms it up, and yields the rows of both measurements."""
    subjects = _start(bench)
    for name, target in subjects.items():
        say(f"  warming up {name}")
        load.run(target, bench.options.warmup, bench.options.connections, bench.options.threads)
    if "throughput" in bench.options.only:
        yield from _throughput(bench, subjects)
    if "latency" in bench.options.only:
        yield from _latency(bench, subjects)


def _start(bench):
    proxy = Proxy(bench.processes, bench.folder, bench.upstream.port)
    subjects = {
        PLAIN: Target(PLAIN, proxy.pid, proxy.plain_port, *NATIVE),
        KEPT: Target(KEPT, proxy.pid, proxy.keepalive_port, *NATIVE),
    }
    launchers = {"jit": (edge, bench.builds.jit), "aot": (edge, bench.builds.aot),
                 "worker": (worker, bench.builds.worker)}
    # A process for each, so that all have had the same warm-up and nothing else: a JIT goes on learning from its load.
    for name in (*THROUGHPUT_BARS, "jit dead", "aot dead", "worker generate", "worker dead"):
        launcher, build = launchers[name.split()[0]]
        primary = DEAD_KEY if name.endswith("dead") else PRIMARY_KEY
        launch = launcher(build, bench.folder, bench.upstream.port, primary)
        process = launch.start(bench.processes)
        targets.first_answer(launch, process)
        subjects[name] = launch.target(name, process, NATIVE if name.endswith("native") else GENERATE)
    return subjects


def _throughput(bench, subjects):
    options = bench.options
    say(f"throughput, {options.connections} connections")
    results = interleave(options.rounds, subjects, lambda target: load.run(
        target, options.seconds, options.connections, options.threads))

    def row(what, over, under, bar=None):
        return Row(what, paired(results, over, under, lambda run: run.per_second), bar,
                   detail=f"{_figures(results[over])} : {_figures(results[under])}")

    for name, bar in THROUGHPUT_BARS.items():
        yield row(f"throughput, {LABELS[name]} : {KEPT}", name, KEPT, bar)
    for name in THROUGHPUT_BARS:
        yield row(f"throughput, {LABELS[name]} : {PLAIN}", name, PLAIN, THROUGHPUT_BARS[name])
    for name in ("jit", "aot"):
        yield row(f"throughput, {LABELS[name]}, `/api/generate` : Worker", f"{name} generate", "worker generate",
                  WORKER_BAR)
    for name in ("jit", "aot", "worker"):
        yield row(f"PRIMARY dead : healthy, {LABELS[name]}", f"{name} dead", f"{name} generate",
                  None if name == "worker" else DEAD_BAR)


def _latency(bench, subjects):
    say("latency, one connection")
    asked = {name: subjects[name] for name in (PLAIN, KEPT, *THROUGHPUT_BARS)}
    results = interleave(bench.options.rounds, asked, lambda target: load.run(
        target, bench.options.seconds, connections=1, threads=1))
    for under, bars in ((KEPT, LATENCY_BARS), (PLAIN, LATENCY_BARS)):
        for name in THROUGHPUT_BARS:
            yield Row(f"median latency, {LABELS[name]} : {under}",
                      paired(results, name, under, lambda run: run.median_micros), bars.get(name.split()[0]),
                      detail=f"{_micros(results[name])} : {_micros(results[under])}")


def _figures(runs):
    return f"{median(run.per_second for run in runs):,.0f}/s ({median(run.cpu_micros for run in runs):.0f} µs CPU)"


def _micros(runs):
    return f"{median(run.median_micros for run in runs):.0f} µs"
