"""What is measured: how the edge, the Worker and YARP are started, and the requests they are sent."""

import http.client
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from .processes import BenchError, free_port

PRIMARY_KEY = "AIzaSyBench-primary-key-0000000000001111"
SECONDARY_KEY = "AIzaSyBench-secondary-key-00000000002222"
CLIENT_KEY = "bench-client-key-000000000000"

PROMPT = "In three sentences, what is a serverless edge, and why would anyone put one before a language model?"

GENERATE = ("/api/generate", json.dumps({"prompt": PROMPT}))
NATIVE = ("/v1beta/models/gemini-flash-latest:generateContent",
          json.dumps({"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}))

WORKER_CONFIGURATION = """
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:%(port)d", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "%(bundle)s")],
  compatibilityDate = "2026-11-01",
  bindings = [
    (name = "GEMINI_BASE_URL", text = "%(base_url)s"),
    (name = "GEMINI_API_KEY_PRIMARY", text = "%(primary)s"),
    (name = "GEMINI_API_KEY_SECONDARY", text = "%(secondary)s"),
  ],
);
"""


@dataclass(frozen=True)
class Target:
    """One thing that answers one kind of request."""

    name: str
    pid: int
    port: int
    route: str
    body: str


@dataclass(frozen=True)
class Launch:
    """A server that can be started: its command, its environment, where it listens and logs."""

    command: list
    environment: dict
    port: int
    log: Path

    def start(self, processes):
        return processes.start(self.command, self.log, self.environment)

    def log_tail(self):
        written = self.log.read_bytes()[-2000:] + Path(f"{self.log}.err").read_bytes()[-2000:]
        return written.decode(errors="replace")

    def target(self, name, process, request=GENERATE):
        return Target(name, process.pid, self.port, *request)


def edge(build, folder, upstream_port, primary=PRIMARY_KEY):
    """The edge from one of its publish folders, with nothing set but what a deployment sets."""
    port = free_port()
    # An earlier commit's executable has the function app's name.
    executable = next(path for name in ("GeminiEdge.Server", "GeminiEdge.Functions") if (path := build / name).exists())
    return Launch([executable], {
        **_plain_environment(),
        "ASPNETCORE_ENVIRONMENT": "Production",
        "ASPNETCORE_URLS": f"http://127.0.0.1:{port}",
        "GEMINI_BASE_URL": f"http://127.0.0.1:{upstream_port}",
        "GEMINI_API_KEY_PRIMARY": primary,
        "GEMINI_API_KEY_SECONDARY": SECONDARY_KEY,
        "GEMINI_EDGE_CLIENT_KEYS": CLIENT_KEY,
    }, port, folder / f"edge-{port}.log")


def worker(build, folder, upstream_port, primary=PRIMARY_KEY):
    """The Worker under workerd."""
    port = free_port()
    # workerd reads an embedded file's path relative to the configuration, so the bundle has to lie beside it.
    shutil.copy(build.bundle, folder)
    configuration = folder / f"worker-{port}.capnp"
    configuration.write_text(WORKER_CONFIGURATION % {
        "port": port, "bundle": build.bundle.name, "base_url": f"http://127.0.0.1:{upstream_port}",
        "primary": primary, "secondary": SECONDARY_KEY})
    return Launch([build.workerd, "serve", configuration], _plain_environment(), port, folder / f"worker-{port}.log")


def yarp(build, folder, upstream_port):
    """The bare proxy."""
    port = free_port()
    return Launch([build / "GeminiEdge.Bench.Yarp", f"http://127.0.0.1:{upstream_port}"], {
        **_plain_environment(), "ASPNETCORE_URLS": f"http://127.0.0.1:{port}",
    }, port, folder / f"yarp-{port}.log")


def first_answer(launch, process, request=GENERATE, deadline=30):
    """Waits until the server answers 200; nobody listening yet is asked again after a millisecond."""
    route, body = request
    headers = {"content-type": "application/json", "x-goog-api-key": CLIENT_KEY}
    give_up = time.monotonic() + deadline
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", launch.port, timeout=deadline)
        try:
            connection.request("POST", route, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status == 200:
                return text
        except ConnectionError:
            text = b"nothing listens"
        finally:
            connection.close()
        if process.poll() is not None or time.monotonic() > give_up:
            raise BenchError(f"{launch.command[0]} did not answer 200 ({text.decode(errors='replace')}); "
                             f"its log ends:\n{launch.log_tail()}")
        time.sleep(0.001)


def _plain_environment():
    kept = ("PATH", "HOME", "TMPDIR", "LANG", "DOTNET_ROOT")
    return {name: os.environ[name] for name in kept if name in os.environ}
