"""What being watched costs: spans and metrics on their way to a receiver, and operators' pages that are open."""

import http.client
import selectors
import socket
import threading
import time

from . import load, targets
from .processes import BenchError, cpu_seconds
from .rounds import interleave, say
from .table import Row, at_least, at_most, paired
from .taker import Taker
from .targets import CLIENT_KEY, NATIVE, edge

ADMIN_KEY = "bench-admin-key-0000000000000"
PAGES = 100
PACE = 200
EXPORT_BAR = at_least(0.92)
PAGES_BAR = at_least(0.98)
PAGE_CPU_BAR = at_most(5)
WAYS = {"jit": "JIT", "aot": "AOT"}


def measure(bench):
    options = bench.options
    say("watched by a receiver, and by pages")
    with Receiver() as receiver:
        subjects = {}
        for way, build in (("jit", bench.builds.jit), ("aot", bench.builds.aot)):
            for kind, settings in (("plain", {}), ("exported", {
                    "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.address, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                    "OTEL_SERVICE_NAME": way})):
                launch = edge(build, bench.folder, bench.upstream.port)
                launch.environment.update(settings, GEMINI_EDGE_ADMIN_KEYS=ADMIN_KEY)
                process = launch.start(bench.processes)
                targets.first_answer(launch, process, NATIVE)
                subjects[way, kind] = launch.target(f"{way} {kind}", process, NATIVE)
                load.run(subjects[way, kind], options.warmup, options.connections, options.threads)

        def run(target):
            return load.run(target, options.seconds, options.connections, options.threads)

        def run_with_pages(target):
            with Pages(target.port, PAGES):
                return run(target)

        ways = {
            **{subject: (run, target) for subject, target in subjects.items()},
            **{(way, "pages"): (run_with_pages, subjects[way, "plain"]) for way in WAYS},
        }
        results = interleave(options.rounds, ways, lambda way: way[0](way[1]))
        for way, label in WAYS.items():
            yield Row(f"throughput, spans and metrics sent : not, {label}, native route",
                      paired(results, (way, "exported"), (way, "plain"), lambda run: run.per_second), EXPORT_BAR,
                      detail=f"{receiver.batches} batches received")
        for way, label in WAYS.items():
            yield Row(f"throughput, {PAGES} open pages : none, {label}, native route",
                      paired(results, (way, "pages"), (way, "plain"), lambda run: run.per_second), PAGES_BAR)

        paced = interleave(options.rounds, {
            (way, pages): (subjects[way, "plain"], pages) for way in WAYS for pages in (0, 1)}, lambda subject: _paced_cpu(*subject))
        for way, label in WAYS.items():
            yield Row(f"an open page at {PACE} requests/s, {label}: of a core",
                      [after - before for after, before in zip(paced[way, 1], paced[way, 0], strict=True)], PAGE_CPU_BAR, " %", digits=1)


def _paced_cpu(target, pages):
    """How much of a core the edge uses at a steady pace, in per cent."""
    seconds, workers = 5, 4
    with Pages(target.port, pages):
        before, began = cpu_seconds(target.pid), time.monotonic()
        threads = [threading.Thread(target=_ask, args=(target, seconds, PACE / workers)) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return 100 * (cpu_seconds(target.pid) - before) / (time.monotonic() - began)


def _ask(target, seconds, per_second):
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
    began = time.monotonic()
    for number in range(int(seconds * per_second)):
        time.sleep(max(0, began + number / per_second - time.monotonic()))
        connection.request("POST", target.route, target.body, {"content-type": "application/json", "x-goog-api-key": CLIENT_KEY})
        connection.getresponse().read()
    connection.close()


class Pages:
    """Open pages, as far as the edge knows them: they read the events as they come."""

    def __init__(self, port, count):
        self._port, self._count, self._over = port, count, False

    def __enter__(self):
        self._selector = selectors.DefaultSelector()
        for _ in range(self._count):
            page = socket.create_connection(("127.0.0.1", self._port))
            page.sendall(f"GET /api/admin/status/events HTTP/1.1\r\nhost: bench\r\nx-goog-api-key: {ADMIN_KEY}\r\n\r\n".encode())
            if not page.recv(12).endswith(b"200"):
                raise BenchError("the edge shows no status")
            self._selector.register(page, selectors.EVENT_READ)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(self, *_):
        self._over = True
        self._reader.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()

    def _read(self):
        while not self._over:
            for key, _ in self._selector.select(0.2):
                key.fileobj.recv(1 << 20)


class Receiver(Taker):
    """Takes what is exported, and counts the batches."""

    def __init__(self):
        super().__init__("POST", 200)
        self.batches = 0

    def take(self, path):
        self.batches += 1
