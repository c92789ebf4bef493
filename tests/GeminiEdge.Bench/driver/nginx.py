"""nginx twice: as the fixed upstream that always answers the same, and as a plain proxy in front of it."""

import http.client
import json
import os
import re
import socket
import time
from pathlib import Path

from .processes import BenchError, free_port

DEAD_KEY = "AIzaSyBench-dead-key-0000000000000dead"

ANSWER = {
    "candidates": [{
        "content": {"role": "model", "parts": [{"text": (
            "A serverless edge is a small program that runs close to whoever calls it and only while it is "
            "called. It takes a request, adds what the caller must not know, such as a key, hands it on, and "
            "returns the answer unchanged. Nothing has to be kept running in between, so it costs nothing "
            "while nobody asks.")}]},
        "finishReason": "STOP",
        "avgLogprobs": -0.18273,
        "index": 0,
    }],
    "usageMetadata": {
        "promptTokenCount": 16, "candidatesTokenCount": 67, "totalTokenCount": 83,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 16}],
        "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 67}],
    },
    "modelVersion": "gemini-flash-latest",
    "responseId": "b4W2aIuFH8mNvdIPxJ3aoAk",
}

KEY_INVALID = {
    "error": {
        "code": 400,
        "message": "API key not valid. Please pass a valid API key.",
        "status": "INVALID_ARGUMENT",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID",
             "domain": "googleapis.com", "metadata": {"service": "generativelanguage.googleapis.com"}},
            {"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US",
             "message": "API key not valid. Please pass a valid API key."},
        ],
    },
}

CONFIGURATION = """
daemon off;
%(user)s
worker_processes %(workers)s;
pid %(folder)s/nginx.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
    access_log off;
    server_tokens off;
    keepalive_timeout 3600s;
    keepalive_requests 1000000000;
    client_body_temp_path %(folder)s/body;
    proxy_temp_path %(folder)s/proxy;
    fastcgi_temp_path %(folder)s/fastcgi;
    uwsgi_temp_path %(folder)s/uwsgi;
    scgi_temp_path %(folder)s/scgi;
    types { }
    default_type "application/json; charset=UTF-8";
    %(servers)s
}
"""

# Google's own headers beside the content type, so that an edge copies as much as it would in earnest.
UPSTREAM = """
    map $http_x_goog_api_key $dead { default 0; "%(dead_key)s" 1; }
    server {
        listen 127.0.0.1:%(port)d;
        add_header Vary "Origin, X-Origin, Referer" always;
        add_header X-XSS-Protection 0 always;
        add_header X-Frame-Options SAMEORIGIN always;
        add_header X-Content-Type-Options nosniff always;
        add_header Server-Timing "gfet4t7; dur=612" always;
        location / {
            if ($dead) { return 400 '%(key_invalid)s'; }
            return 200 '%(answer)s';
        }
    }
    server {
        listen 127.0.0.1:%(status_port)d;
        location / { stub_status; }
    }
"""

# Both a user's first draft, which opens a connection upstream for each request, and the tuned one, which keeps them.
PROXY = """
    upstream kept {
        server 127.0.0.1:%(upstream)d;
        keepalive 2048;
        keepalive_requests 1000000000;
        keepalive_timeout 3600s;
    }
    server {
        listen 127.0.0.1:%(plain)d reuseport;
        location / { proxy_pass http://127.0.0.1:%(upstream)d; }
    }
    server {
        listen 127.0.0.1:%(keepalive)d reuseport;
        location / {
            proxy_pass http://kept;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering %(buffering)s;
        }
    }
"""


class Upstream:
    """The fixed upstream, and how many requests it has been sent."""

    def __init__(self, processes, folder):
        self.port = free_port()
        self._status_port = free_port()
        self._own_requests = 0
        self.pid = _start(processes, folder / "upstream", self._status_port, workers=1, servers=UPSTREAM % {
            "port": self.port, "status_port": self._status_port, "dead_key": DEAD_KEY,
            "answer": json.dumps(ANSWER), "key_invalid": json.dumps(KEY_INVALID)}).pid

    def requests(self):
        """How many requests nginx has read, those of this question not counted."""
        connection = http.client.HTTPConnection("127.0.0.1", self._status_port, timeout=5)
        connection.request("GET", "/")
        text = connection.getresponse().read().decode()
        connection.close()
        self._own_requests += 1
        return int(re.search(r"(\d+) (\d+) (\d+)", text)[3]) - self._own_requests


class Proxy:
    """nginx as a proxy: two ports, one for each way to reach the upstream."""

    def __init__(self, processes, folder, upstream_port, name="proxy", buffering="on"):
        self.plain_port, self.keepalive_port = free_port(), free_port()
        self.pid = _start(processes, folder / name, self.plain_port, workers="auto", servers=PROXY % {
            "upstream": upstream_port, "plain": self.plain_port, "keepalive": self.keepalive_port,
            "buffering": buffering}).pid


def _start(processes, folder, port, workers, servers):
    """Starts nginx and waits until it listens."""
    folder.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION % {
        # Started as root, nginx would drop to a user who may not enter the temporary folder.
        "user": "user root;" if os.geteuid() == 0 else "",
        "folder": folder, "workers": workers, "servers": servers})
    log = folder / "nginx.log"
    process = processes.start(["nginx", "-p", folder, "-e", "stderr", "-c", configuration], log)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process
        except ConnectionRefusedError:
            if process.poll() is not None:
                raise BenchError(f"nginx did not start:\n{Path(f'{log}.err').read_text()}") from None
            time.sleep(0.01)
