"""Serves a Roundup tracker on loopback: `serve.py TRACKER PORT [CALLS/SECONDS]`.

Through Roundup's own WSGI application, because `roundup-server` refuses to run as root, as tests in
containers do. Requests are taken as a reverse proxy hands them on: under the public host of the
tracker's configuration, which Roundup insists on for everything that writes.

CALLS/SECONDS turns Roundup's real rate limiter on, for instance 5/10.
"""

import re
import socketserver
import sys
from pathlib import Path
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from roundup.cgi.wsgi_handler import RequestDispatcher


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class Handler(WSGIRequestHandler):
    def address_string(self) -> str:
        return self.client_address[0]


def limit(tracker: Path, calls: str, seconds: str) -> None:
    path = tracker / "config.ini"
    text = path.read_text()
    for name, value in (("api_calls_per_interval", calls), ("api_interval_in_sec", seconds)):
        text, found = re.subn(rf"(?m)^#?\s*{name} = .*$", f"{name} = {value}", text)
        assert found == 1, name
    path.write_text(text)


def behind_proxy(tracker: Path):
    application = RequestDispatcher(str(tracker))
    public = re.search(r"(?m)^web = (\S+)", (tracker / "config.ini").read_text())[1]

    def handed_on(environ, start_response):
        environ["HTTP_HOST"] = urlsplit(public).netloc
        return application(environ, start_response)

    return handed_on


if __name__ == "__main__":
    home, port = Path(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        limit(home, *sys.argv[3].split("/"))
    with make_server("127.0.0.1", port, behind_proxy(home), Server, Handler) as server:
        print(f"roundup on http://127.0.0.1:{server.server_port}/rest", flush=True)
        server.serve_forever()
