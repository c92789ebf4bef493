"""wrk: one run against one target, and what it cost."""

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .processes import BenchError, cpu_seconds
from .targets import CLIENT_KEY

SCRIPT = Path(__file__).parent.parent / "wrk" / "post.lua"


@dataclass(frozen=True)
class Run:
    """The outcome of one wrk run."""

    requests: int
    seconds: float
    median_micros: int
    p99_micros: int
    target_cpu: float
    """Processor seconds the target used."""

    def __str__(self):
        return f"{self.per_second:,.0f}/s, median {self.median_micros} µs, {self.cpu_micros:.0f} µs CPU a request"

    @property
    def per_second(self):
        return self.requests / self.seconds

    @property
    def cpu_micros(self):
        """Processor time the target spent on one request, in microseconds."""
        return self.target_cpu * 1e6 / self.requests


def run(target, seconds, connections, threads):
    """Drives the target at full speed; every answer must be a 2xx."""
    before = cpu_seconds(target.pid)
    wrk = start(target, seconds, connections, threads)
    return finish(wrk, target, before)


def start(target, seconds, connections, threads):
    return subprocess.Popen(
        ["wrk", "-c", str(connections), "-t", str(min(threads, connections)), "-d", f"{seconds}s", "--latency",
         "-s", str(SCRIPT), f"http://127.0.0.1:{target.port}{target.route}", "--", target.body, CLIENT_KEY],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)


def finish(wrk, target, cpu_before):
    """Waits for wrk's totals; asks it to stop when the bench is stopped."""
    try:
        output, _ = wrk.communicate()
    except BaseException:
        stop(wrk)
        raise
    totals = next((json.loads(line) for line in output.splitlines() if line.startswith("{")), None)
    if totals is None or not totals["requests"] or totals["refused"] or totals["broken"]:
        raise BenchError(f"{target.name}: not every answer was good:\n{output}")
    return Run(totals["requests"], totals["micros"] / 1e6, totals["median_micros"], totals["p99_micros"],
               cpu_seconds(target.pid) - cpu_before)


def stop(wrk):
    """wrk ends its run early at an interrupt, and still prints its totals."""
    if wrk.poll() is None:
        os.killpg(wrk.pid, signal.SIGINT)
