"""Overload and a slow tail, played to the edge at 50 requests a second after a calm minute: what callers see, and what it costs."""

import json
import subprocess

from .processes import BenchError
from .rounds import say
from .table import Row, at_most

# The bucket that calm has filled: a tenth of its requests, and at least 100.
PER_SECOND, SHARE, LEAST = 50, 0.1, 100


def measure(bench):
    options = bench.options
    say(f"storms, {options.calm} s of calm and {options.storm} s of storm")
    program = bench.builds.storms / "GeminiEdge.Bench.Storms"
    done = subprocess.run([program, bench.builds.jit / "GeminiEdge.Server", str(options.calm), str(options.storm)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, timeout=900)
    if done.returncode:
        raise BenchError(f"the storms failed:\n{done.stderr or done.stdout}")
    results = {result["Name"]: result for result in json.loads(done.stdout)}
    saved = max(LEAST, SHARE * PER_SECOND * options.calm)
    for name, what in (("two seconds", "2 s of nothing but 503"), ("a third", "a third of all answers 503"),
                       ("nothing else", "nothing but 503")):
        result = results[name]
        if name == "nothing else":
            yield Row(f"storms, {what}: slowest 502", [result["SlowestFailure"]], at_most(10.5), " s", detail=_of(result))
            yield Row(f"storms, {what}: failures in the first second after", [result["FailedAfter"]], at_most(0), digits=0)
        else:
            yield Row(f"storms, {what}: failures", [result["Failed"]], at_most(0), digits=0, detail=_of(result))
        yield Row(f"storms, {what}: extra calls", [result["Extra"]], at_most(saved + SHARE * result["Requests"]), digits=0,
                  detail="at most what calm has saved, and a tenth of the requests")
    usual, hedged, slow = (results[name] for name in ("slow tail", "slow tail, hedged", "slow altogether, hedged"))
    yield Row("hedge, p99 with / without", [hedged["P99"] / usual["P99"]], at_most(0.5),
              detail=f"{hedged['P99']:.0f} and {usual['P99']:.0f} ms; p50 {hedged['P50']:.0f} and {usual['P50']:.0f} ms")
    yield Row("hedge, calls with / without", [hedged["Calls"] / usual["Calls"]], at_most(1.07), digits=3, detail=_of(hedged))
    yield Row("hedge, a loser's connection is closed after", [hedged["SlowestCut"]], at_most(100), " ms", digits=1,
              detail="the slowest of them, after the caller had its answer")
    yield Row("hedge, every answer slow: extra calls", [slow["Extra"]], at_most(saved + SHARE * slow["Requests"]), digits=0, detail=_of(slow))


def _of(result):
    return f"{result['Requests']:,} requests, {result['Calls']:,} calls"
