"""The edge beside a bare YARP proxy: the same runtime, the same HTTP server and client, and nothing checked or logged."""

from statistics import median

from . import load, targets
from .nginx import Proxy
from .rounds import interleave, say
from .table import Row, at_least, paired
from .targets import GENERATE, NATIVE, Target, edge, yarp

BARS = {"jit": at_least(1.0), "aot": at_least(0.9)}
ROUTES = {"native": (NATIVE, "native route"), "generate": (GENERATE, "`/api/generate`")}


def measure(bench):
    """All four sides of the edge in the same rounds. YARP and nginx are sent what the edge sends on for both routes."""
    say("beside YARP")
    options = bench.options
    proxy = Proxy(bench.processes, bench.folder, bench.upstream.port, "peer")
    subjects = {
        "nginx": Target("nginx", proxy.pid, proxy.keepalive_port, *NATIVE),
        "yarp": _start(bench, yarp, bench.builds.yarp, "yarp", NATIVE),
    }
    for way, build in (("jit", bench.builds.jit), ("aot", bench.builds.aot)):
        for route, (request, _) in ROUTES.items():
            subjects[way, route] = _start(bench, edge, build, f"{way} {route}", request)
    for target in subjects.values():
        load.run(target, options.warmup, options.connections, options.threads)
    results = interleave(options.rounds, subjects, lambda target: load.run(
        target, options.seconds, options.connections, options.threads))

    yield _row("throughput, YARP : nginx that keeps connections", results, "yarp", "nginx")
    for way, bar in BARS.items():
        for route, (_, label) in ROUTES.items():
            yield _row(f"throughput, {way.upper()}, {label} : YARP", results, (way, route), "yarp", bar)
    for way in BARS:
        for route, (_, label) in ROUTES.items():
            yield Row(f"CPU a request, {way.upper()}, {label} : YARP",
                      paired(results, (way, route), "yarp", lambda run: run.cpu_micros))


def _start(bench, launcher, build, name, request):
    launch = launcher(build, bench.folder, bench.upstream.port)
    process = launch.start(bench.processes)
    targets.first_answer(launch, process, request)
    return launch.target(name, process, request)


def _row(what, results, over, under, bar=None):
    return Row(what, paired(results, over, under, lambda run: run.per_second), bar,
               detail=f"{_figures(results[over])} : {_figures(results[under])}")


def _figures(runs):
    return f"{median(run.per_second for run in runs):,.0f}/s ({median(run.cpu_micros for run in runs):.0f} µs CPU)"
