"""What it costs to change the key every second, against an edge whose keys never change."""

import time

from . import load, targets
from .processes import BenchError
from .rounds import interleave, say
from .table import Row, at_least, paired
from .targets import GENERATE, PRIMARY_KEY, SECONDARY_KEY, edge

BAR = at_least(0.97)
THIRD_KEY = "AIzaSyBench-third-key-00000000000003333"
LABELS = {"jit": "JIT", "aot": "AOT"}


def measure(bench):
    options = bench.options
    say("a swap every second")
    environment = _vault(bench)
    subjects, logs = {}, {}
    for name, build in (("jit", bench.builds.jit), ("aot", bench.builds.aot)):
        for swaps in (False, True):
            # The certificate takes the place of the system's, and the keys of the settings would only be a start.
            launch = edge(build, bench.folder, bench.upstream.port)
            if swaps:
                launch.environment.update(environment, GeminiEdge__RefreshInterval="00:00:01")
            process = launch.start(bench.processes)
            targets.first_answer(launch, process)
            label = f"{name} swaps" if swaps else name
            subjects[label] = launch.target(label, process, GENERATE)
            if swaps:
                logs[name] = launch.log
            load.run(subjects[label], options.warmup, options.connections, options.threads)

    before = {name: _swaps(log) for name, log in logs.items()}
    results = interleave(options.rounds, subjects, lambda target: load.run(
        target, options.seconds, options.connections, options.threads))
    for name, label in LABELS.items():
        swaps = _swaps(logs[name]) - before[name]
        if swaps < 0.7 * options.rounds * options.seconds:
            raise BenchError(f"the {label} edge changed its ring only {swaps} times")
        yield Row(f"throughput, a swap every second : none, {label}, `/api/generate`",
                  paired(results, f"{name} swaps", name, lambda run: run.per_second), BAR,
                  detail=f"{swaps} swaps while it was measured")


def _vault(bench):
    """Starts the vault; returns the environment of an edge that reads it."""
    log = bench.folder / "vault.log"
    bench.processes.start([bench.builds.vault / "GeminiEdge.Bench.Vault", bench.folder / "vault.pem",
                           PRIMARY_KEY, THIRD_KEY, SECONDARY_KEY], log)
    give_up = time.monotonic() + 30
    while not (text := log.read_text()).endswith("\n\n"):
        if time.monotonic() > give_up:
            raise BenchError(f"the vault did not start: {(bench.folder / 'vault.log.err').read_text()}")
        time.sleep(0.01)
    return dict(line.split("=", 1) for line in text.split())


def _swaps(log):
    with open(log, "rb") as lines:
        return sum(b'"event":"ring_changed"' in line for line in lines)
