"""What the fleet register costs, against an edge without one."""

import time

from . import load, targets
from .processes import BenchError
from .rounds import interleave, say
from .table import Row, at_least, paired
from .taker import Taker
from .targets import GENERATE, edge

BAR = at_least(0.98)
LABELS = {"jit": "JIT", "aot": "AOT"}


def measure(bench):
    options = bench.options
    say("the fleet register")
    with Table() as table:
        subjects = {}
        for name, build in (("jit", bench.builds.jit), ("aot", bench.builds.aot)):
            for registers in (False, True):
                launch = edge(build, bench.folder, bench.upstream.port)
                if registers:
                    launch.environment.update(GEMINI_EDGE_FLEET=f"{table.address}/", WEBSITE_INSTANCE_ID=name)
                process = launch.start(bench.processes)
                targets.first_answer(launch, process)
                label = f"{name} fleet" if registers else name
                subjects[label] = launch.target(label, process, GENERATE)
                load.run(subjects[label], options.warmup, options.connections, options.threads)

        results = interleave(options.rounds, subjects, lambda target: load.run(
            target, options.seconds, options.connections, options.threads))
        for name, label in LABELS.items():
            writes = table.wait_for(name, 2)
            yield Row(f"throughput, fleet register on : off, {label}, `/api/generate`",
                      paired(results, f"{name} fleet", name, lambda run: run.per_second), BAR,
                      detail=f"its row was written {writes} times")


class Table(Taker):
    """Takes rows, and keeps nothing but their addresses."""

    def __init__(self):
        super().__init__("PUT", 204)
        self._writes = []

    def take(self, path):
        self._writes.append(path)

    def wait_for(self, instance, least):
        """The number of an instance's writes; one at the start, and one ten seconds later at the latest."""
        give_up = time.monotonic() + 15
        while (count := sum(f"RowKey='{instance}'" in path for path in list(self._writes))) < least:
            if time.monotonic() > give_up:
                raise BenchError(f"the {instance} edge wrote its row {count} times")
            time.sleep(0.1)
        return count
