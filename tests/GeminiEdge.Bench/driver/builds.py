"""Builds everything the bench runs: the edge twice, the Worker, YARP, and the programs that make streams and a vault."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .processes import BenchError
from .rounds import say

BENCH = Path(__file__).parent.parent
ROOT = BENCH.parent.parent


@dataclass(frozen=True)
class Worker:
    """The bundled Worker, and the program that serves it."""

    bundle: Path
    workerd: Path


@dataclass(frozen=True)
class Builds:
    jit: Path
    aot: Path
    streams: Path
    vault: Path
    storms: Path
    connections: Path
    yarp: Path
    worker: Worker


def build(folder):
    """Builds into `folder`; what a former run left there is used as it is."""
    builds = Builds(folder / "jit", folder / "aot", folder / "streams", folder / "vault", folder / "storms",
                    folder / "connections", folder / "yarp", _worker(folder / "worker"))
    publish("src/GeminiEdge.Server", builds.jit, "-p:PublishAot=false")
    publish("src/GeminiEdge.Server", builds.aot)
    publish("tests/GeminiEdge.Bench/Streams", builds.streams)
    publish("tests/GeminiEdge.Bench/Vault", builds.vault)
    publish("tests/GeminiEdge.Bench/Storms", builds.storms)
    publish("tests/GeminiEdge.Bench/Connections", builds.connections)
    publish("tests/GeminiEdge.Bench/Yarp", builds.yarp)
    return builds


def publish(project, output, *properties, root=ROOT):
    if output.exists():
        return
    say(f"publishing {project} {' '.join(properties)}")
    # Artifacts of its own, so that a build in the working tree is neither used nor overwritten; and no build servers,
    # which would stay behind and compete with the first rounds.
    artifacts = output.with_name(f"{output.name}-artifacts")
    command = ["dotnet", "publish", root / project, "-c", "Release", "-o", output, "--artifacts-path", artifacts,
               "--disable-build-servers", *properties]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env={**os.environ, "DOTNET_CLI_TELEMETRY_OPTOUT": "1", "DOTNET_NOLOGO": "1"})
    shutil.rmtree(artifacts, ignore_errors=True)
    warnings = [line for line in done.stdout.splitlines() if re.search(r"\bwarning\b", line)]
    # IL2xxx and IL3xxx say that trimming or compiling ahead of time may change what the program does.
    unsafe = [line for line in warnings if re.search(r"\bIL\d{4}\b", line)]
    if done.returncode or unsafe:
        shutil.rmtree(output, ignore_errors=True)
        text = "\n".join(unsafe) if unsafe else done.stdout
        raise BenchError(f"`dotnet publish {project} {' '.join(properties)}` failed:\n{text}")
    for line in warnings:
        say(line)


def _worker(folder):
    source = BENCH / "worker"
    modules = folder / "node_modules"
    if not modules.exists():
        say("installing the Worker's packages")
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, folder)
        # No scripts: both programs come as packages for this platform, and are run from there.
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], folder)
    shutil.copy(source / "worker.js", folder)
    _run([modules / ".bin" / "esbuild", "worker.js", "--bundle", "--format=esm", "--platform=browser",
          "--outfile=bundle.js", "--log-level=warning"], folder)
    workerd = next(modules.glob("@cloudflare/workerd-*/bin/workerd"))
    return Worker(folder / "bundle.js", workerd)


def _run(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode:
        raise BenchError(f"{command[0]} failed:\n{done.stdout}")
