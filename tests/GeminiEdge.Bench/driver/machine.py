"""The machine: what has to be installed on it, and the facts a reader needs beside the figures."""

import os
import platform
import resource
import shutil
import subprocess
from pathlib import Path

from .processes import TICKS_PER_SECOND, BenchError
from .rounds import say

# What apt calls it, and what shows that it is there; clang and zlib are the AOT compiler's linker and library.
PACKAGES = {
    "wrk": lambda: shutil.which("wrk"),
    "nginx-light": lambda: shutil.which("nginx"),
    "clang": lambda: shutil.which("clang"),
    "zlib1g-dev": lambda: Path("/usr/include/zlib.h").exists(),
}


def install_missing():
    missing = [package for package, present in PACKAGES.items() if not present()]
    if missing:
        say(f"installing {' '.join(missing)}")
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=True, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=True, **quiet)
    for command in ("dotnet", "npm"):
        if not shutil.which(command):
            raise BenchError(f"`{command}` is needed and not on the PATH")


def raise_file_limit():
    """A thousand streams are two thousand sockets to whoever stands in the middle."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Neighbours:
    """How much of the machine others took from the moment this was made: figures from a busy machine mean little."""

    def __init__(self):
        self._before = self._read()

    def describe(self):
        """Call it when every process of the bench has ended: only then is its time known."""
        total, busy, steal, own = (now - then for now, then in zip(self._read(), self._before, strict=True))
        return f"{max(0, busy - own) / total:.0%} used by other processes, {steal / total:.0%} stolen by the host"

    @staticmethod
    def _read():
        line = Path("/proc/stat").read_text().splitlines()[0]
        user, nice, system, idle, iowait, irq, softirq, steal = (int(field) for field in line.split()[1:9])
        own = sum(usage.ru_utime + usage.ru_stime for usage in map(
            resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))) * TICKS_PER_SECOND
        busy = user + nice + system + irq + softirq
        return busy + idle + iowait + steal, busy, steal, own


def facts(bench, neighbours):
    workerd = _first_line([bench.builds.worker.workerd, "--version"]).replace("workerd ", "")
    return [
        ("CPU", f"{_cpu_model()}, {os.cpu_count()} cores"),
        ("kernel", f"{platform.system()} {platform.release()}"),
        ("during the run", neighbours.describe()),
        ("dotnet", _first_line(["dotnet", "--version"])),
        ("nginx", _first_line(["nginx", "-v"]).partition("/")[2]),
        ("wrk", _first_line(["wrk", "-v"]).split(" [")[0].removeprefix("wrk ")),
        ("workerd", workerd),
        ("rounds", bench.options.describe()),
    ]


def _cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _first_line(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout.splitlines()[0].strip()
