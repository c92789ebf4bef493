"""A thousand streams at once: what a hop adds to the delay of each chunk, and what they cost the edge in memory."""

import json
import os
import subprocess
import threading
from statistics import median

from .nginx import Proxy
from .processes import BenchError, free_port, resident_megabytes
from .rounds import interleave, say
from .table import Row, at_most
from .targets import CLIENT_KEY, edge

# Reads complete on the thread that polls the sockets, so that the time of arrival does not wait for another thread.
ENVIRONMENT = {**os.environ, "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS": "1"}
ROUTE = "/v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse"
LEAST_BAR_MILLISECONDS = 20
NGINX, DIRECT = "nginx", "direct"
EDGES = {"aot": "AOT", "jit": "JIT"}


def measure(bench):
    options = bench.options
    say(f"{options.streams:,} streams of {options.chunks} chunks")
    server = free_port()
    proxy = Proxy(bench.processes, bench.folder, server, name="streams-proxy", buffering="off")
    paths = {DIRECT: _Path(server), NGINX: _Path(proxy.keepalive_port)}
    for name, build in (("aot", bench.builds.aot), ("jit", bench.builds.jit)):
        launch = edge(build, bench.folder, server)
        paths[name] = _Path(launch.port, launch.start(bench.processes).pid)

    results = interleave(options.stream_rounds, paths, lambda path: _run(bench, server, path))
    yield from _rows(results, paths)


class _Path:
    """One way from the client to the stream server."""

    def __init__(self, port, edge_pid=None):
        self.port, self.edge_pid, self.memory = port, edge_pid, []


def _run(bench, server, path):
    """One run of the stream program, which is server and client in one and so has one clock."""
    options = bench.options
    program = subprocess.Popen(
        [str(bench.builds.streams / "GeminiEdge.Bench.Streams"), str(server), str(path.port), ROUTE, CLIENT_KEY,
         str(options.streams), str(options.chunks)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, start_new_session=True)
    ended = threading.Event()
    sampler = threading.Thread(target=_sample, args=(path, ended))
    sampler.start()
    try:
        output, errors = program.communicate(timeout=120)
    except BaseException:
        program.kill()
        raise
    finally:
        ended.set()
        sampler.join()
    if program.returncode:
        raise BenchError(f"the streams failed:\n{errors or output}")
    return json.loads(output)


def _sample(path, ended):
    while path.edge_pid and not ended.is_set():
        path.memory.append(resident_megabytes(path.edge_pid))
        ended.wait(0.1)


def _rows(results, paths):
    def added(name):
        return [a["p99"] - b["p99"] for a, b in zip(results[name], results[DIRECT], strict=True)]

    bar = at_most(max(LEAST_BAR_MILLISECONDS, 2 * median(added(NGINX))))
    for name, label in ((NGINX, "nginx"), *EDGES.items()):
        yield Row(f"streams, p99 delay of a chunk added by {label if name == NGINX else f'the edge, {label}'}",
                  added(name), None if name == NGINX else bar, " ms", digits=1,
                  detail=f"{_delays(results[name])}; direct: {_delays(results[DIRECT])}")
    for name, label in EDGES.items():
        merged = [run["merged"] for run in results[name]]
        yield Row(f"streams, chunks delivered together with another, {label}", merged, at_most(0), digits=0,
                  detail=f"of {results[name][0]['chunks']:,} chunks a round, all complete and in order")
    for name, label in EDGES.items():
        memory = paths[name].memory
        yield Row(f"streams, resident at the end, {label}", [memory[-1]], unit=" MB", digits=1,
                  detail=f"{memory[0]:.1f} MB at the start, {memory[len(memory) // 2]:.1f} MB in the middle, "
                         f"{max(memory):.1f} MB at most")


def _delays(runs):
    return f"p50 {median(run['p50'] for run in runs):.2f} ms, p99 {median(run['p99'] for run in runs):.2f} ms"
