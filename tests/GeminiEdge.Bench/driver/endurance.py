"""A million requests: the memory they leave behind, and a log line for every attempt."""

import json
import time
from collections import Counter

from . import load, targets
from .processes import BenchError, cpu_seconds, resident_megabytes
from .rounds import say
from .table import Row, at_most
from .targets import edge

MEMORY_BAR = at_most(60)
GROWTH_BAR = at_most(2)
ATTEMPTS = ("gemini_ok", "gemini_fail", "gemini_reject", "gemini_cancel")


def measure(bench):
    """Twice: as it comes, and with a second key beside each slow one."""
    yield from _run(bench, "AOT", {})
    yield from _run(bench, "AOT, hedging", {"GeminiEdge__Hedge": "On"})


def _run(bench, label, settings):
    """One wrk run against a fresh AOT edge, interrupted when the upstream has been sent the requests."""
    options, upstream = bench.options, bench.upstream
    say(f"memory and log lines, {options.requests:,} requests, {label}")
    before = upstream.requests()
    launch = edge(bench.builds.aot, bench.folder, upstream.port)
    launch.environment.update(settings)
    process = launch.start(bench.processes)
    targets.first_answer(launch, process)
    target = launch.target("aot", process)

    at_start = resident_megabytes(process.pid)
    samples, run = _drive(target, lambda: upstream.requests() - before, options)
    attempts = _settle(lambda: (upstream.requests() - before, launch.log.stat().st_size))
    at_end = resident_megabytes(process.pid)
    bench.processes.stop(process)
    events, dropped = _read_log(launch.log)
    launch.log.unlink()

    half = [sample for sample in samples if sample[0] >= attempts / 2]
    resident = [megabytes for _, megabytes in half]
    yield Row(f"resident after {attempts:,} requests, {label}", [at_end], MEMORY_BAR, " MB", digits=1,
              detail=f"{at_start:.1f} MB at the start, {max(m for _, m in samples):.1f} MB at most; "
                     f"{run.per_second:,.0f}/s")
    yield Row(f"growth over the last half, {label}", [_growth(half)], GROWTH_BAR, " MB", digits=1,
              detail=f"fitted to {len(half)} samples between {min(resident):.1f} and {max(resident):.1f} MB")
    # wrk ends by closing its connections with a request in flight on each. The edge has logged such an attempt, yet
    # it may have been cancelled before it was sent: so many the two counts may differ by, and no more.
    # A hedge's loser, too, may have been cut off before it was sent.
    lines = sum(events[name] for name in ATTEMPTS)
    counted = ", ".join(f"{events[name]:,} {name}" for name in ATTEMPTS if events[name])
    yield Row(f"attempts made : attempts logged or counted as dropped, difference, {label}",
              [abs(lines + dropped - attempts)], at_most(options.connections + (events["gemini_cancel"] if settings else 0)), digits=0,
              detail=f"{attempts:,} at the upstream; {counted}, {dropped:,} dropped")


def _drive(target, requests, options):
    """Loads the target until it has sent the upstream enough; returns (requests so far, MB) samples and wrk's totals."""
    cpu = cpu_seconds(target.pid)
    wrk = load.start(target, 86_400, options.connections, options.threads)
    samples = []
    try:
        while wrk.poll() is None:
            sent = requests()
            samples.append((sent, resident_megabytes(target.pid)))
            if sent >= options.requests:
                break
            time.sleep(0.25)
    finally:
        load.stop(wrk)
    say(f"  {samples[-1][0]:,} requests, {samples[-1][1]:.1f} MB")
    return samples, load.finish(wrk, target, cpu)


def _settle(read, quiet=1.0, deadline=30):
    """Waits until neither the upstream nor the log has moved for a second; returns the upstream's count."""
    give_up = time.monotonic() + deadline
    last, since = read(), time.monotonic()
    while time.monotonic() - since < quiet:
        time.sleep(0.1)
        now = read()
        if now != last:
            last, since = now, time.monotonic()
        if time.monotonic() > give_up:
            raise BenchError("the edge does not come to rest after the load has ended")
    return last[0]


def _growth(samples):
    """What a straight line through the samples gains from the first to the last."""
    count = len(samples)
    if count < 2:
        raise BenchError("too few samples of the memory: ask for more requests")
    mean_x = sum(x for x, _ in samples) / count
    mean_y = sum(y for _, y in samples) / count
    slope = (sum((x - mean_x) * (y - mean_y) for x, y in samples)
             / (sum((x - mean_x) ** 2 for x, _ in samples) or 1))
    return slope * (samples[-1][0] - samples[0][0])


def _read_log(path):
    """Counts the log's lines by event; each must be JSON."""
    events, dropped = Counter(), 0
    with open(path, "rb") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                raise BenchError(f"a line of the edge's log is not JSON: {line[:200]!r}") from None
            events[entry.get("event")] += 1
            if entry.get("event") == "log_dropped":
                dropped += entry["count"]
    return events, dropped
