"""A server in this process that takes what an edge sends it, and keeps next to nothing of it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Taker:
    """Answers every request of one method with one status; a subclass keeps what it needs in `take`."""

    def __init__(self, method, status):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, method, status))
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def take(self, path):
        raise NotImplementedError


def _handler(taker, method, status):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

    def handle(self):
        self.rfile.read(int(self.headers["content-length"]))
        taker.take(self.path)
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", "0")
        self.end_headers()

    setattr(Handler, f"do_{method}", handle)
    return Handler
