"""The first request after a start beside the tenth, over TLS to an upstream with a round trip of 50 ms."""

import http.client
import time
from statistics import median

from .processes import BenchError
from .rounds import interleave, say
from .table import Row, at_most
from .targets import CLIENT_KEY, GENERATE, edge

BAR = at_most(1.1)
LABELS = {"aot": "AOT", "jit": "JIT"}
PAUSE = 1.0


class Times(list):
    def __str__(self):
        return f"first {self[0]:.1f} ms, second {self[1]:.1f} ms, tenth {self[9]:.1f} ms"

    @property
    def ratio(self):
        return self[0] / self[9]


def measure(bench):
    say("the first request beside the tenth")
    environment = _upstream(bench)
    subjects = {(way, pause): build for way, build in (("aot", bench.builds.aot), ("jit", bench.builds.jit)) for pause in (PAUSE, 0)}
    results = interleave(bench.options.starts, {
        name: (name[1], build) for name, build in subjects.items()}, lambda subject: _start(bench, environment, *subject))
    for way, label in LABELS.items():
        for pause, when, bar in ((PAUSE, "a second after the start", BAR), (0, "at once", None)):
            times = results[way, pause]
            yield Row(f"first request {when} : tenth, TLS and 50 ms away, {label}", [each.ratio for each in times], bar,
                      detail=f"{median(each[0] for each in times):.1f} ms : {median(each[9] for each in times):.1f} ms")


def _start(bench, environment, pause, build):
    """Starts the edge, lets it alone for a while, and sends ten requests, one after the other."""
    launch = edge(build, bench.folder, 0)
    launch.environment.update(environment)
    process = launch.start(bench.processes)
    errors = launch.log.with_name(f"{launch.log.name}.err")
    give_up = time.monotonic() + 30
    # Its own word: whoever asked it would be the first request.
    while "listens on" not in errors.read_text():
        if process.poll() is not None or time.monotonic() > give_up:
            raise BenchError(f"the edge did not start:\n{launch.log_tail()}")
        time.sleep(0.001)
    time.sleep(pause)
    times = Times(_request(launch) for _ in range(10))
    bench.processes.stop(process)
    return times


def _request(launch):
    route, body = GENERATE
    begin = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", launch.port, timeout=30)
    connection.request("POST", route, body, {"content-type": "application/json", "x-goog-api-key": CLIENT_KEY})
    answer = connection.getresponse()
    text = answer.read()
    elapsed = (time.perf_counter() - begin) * 1000
    connection.close()
    if answer.status != 200:
        raise BenchError(f"the edge answered {answer.status}: {text.decode(errors='replace')}\n{launch.log_tail()}")
    return elapsed


def _upstream(bench):
    """Starts the upstream; returns the environment of an edge that talks to it."""
    log = bench.folder / "far.log"
    bench.processes.start([bench.builds.connections / "GeminiEdge.Bench.Connections", "serve", bench.folder / "far.pem"], log)
    give_up = time.monotonic() + 30
    while not (text := log.read_text()).endswith("\n\n"):
        if time.monotonic() > give_up:
            raise BenchError(f"the upstream did not start: {(bench.folder / 'far.log.err').read_text()}")
        time.sleep(0.01)
    return dict(line.split("=", 1) for line in text.split())
