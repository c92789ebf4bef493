"""From the start of a process to its first answer."""

import time
from statistics import median

from . import targets
from .rounds import interleave, say
from .table import Row, at_most, paired
from .targets import edge, worker

BAR = at_most(1.25)


class Milliseconds(float):
    def __str__(self):
        return f"{self:.1f} ms"


def until_first_answer(bench, launcher, build):
    """Starts a server, waits for its first answer, and stops it."""
    launch = launcher(build, bench.folder, bench.upstream.port)
    begin = time.perf_counter()
    process = launch.start(bench.processes)
    targets.first_answer(launch, process)
    elapsed = (time.perf_counter() - begin) * 1000
    bench.processes.stop(process)
    return Milliseconds(elapsed)


def measure(bench):
    say("start to first answer")
    launchers = {"aot": (edge, bench.builds.aot), "jit": (edge, bench.builds.jit),
                 "worker": (worker, bench.builds.worker)}

    results = interleave(bench.options.starts, launchers, lambda launcher_and_build: until_first_answer(bench, *launcher_and_build))
    for name, label, bar in (("aot", "AOT", BAR), ("jit", "JIT", None)):
        yield Row(f"start to first answer, {label} : Worker", paired(results, name, "worker", float), bar,
                  detail=f"{median(results[name]):.0f} ms : {median(results['worker']):.0f} ms")
