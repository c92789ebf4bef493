"""Child processes: started in groups of their own, looked at through /proc, and always ended."""

import os
import random
import signal
import socket
import subprocess
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """The bench cannot go on; the message says why."""


class Processes:
    """Every process of the bench; leaving the context ends those still running."""

    def __init__(self):
        self._running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self._running):
            self._end(process)

    def start(self, command, log, env=None):
        """Starts a process whose standard output goes to the file `log`, and its standard error beside it."""
        with open(log, "wb") as output, open(f"{log}.err", "wb") as errors:
            # A session of its own: Ctrl-C reaches the bench alone, and the whole group can be signalled.
            process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output,
                stderr=errors, env=env, start_new_session=True)
        self._running.append(process)
        return process

    def stop(self, process):
        self._running.remove(process)
        self._end(process)

    @staticmethod
    def _end(process):
        for sent in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, sent)
            except ProcessLookupError:
                pass
            try:
                process.wait(timeout=10)
                return
            except subprocess.TimeoutExpired:
                continue


_used_ports = set()


def free_port():
    """A port nobody listens on, below the range from which outgoing connections take theirs."""
    ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10_240, max(ephemeral, 20_480))
        if port in _used_ports:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _used_ports.add(port)
        return port


def family(pid):
    """The process and its descendants (nginx works in its workers)."""
    pids = [pid]
    for parent in pids:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            pids.extend(int(child) for child in children.read_text().split())
    return pids


def cpu_seconds(pid):
    """Processor time the process and its descendants have used so far."""
    ticks = 0
    for member in family(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_PER_SECOND


def resident_megabytes(pid):
    """VmRSS in units of 10^6 bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise BenchError(f"process {pid} has ended")
