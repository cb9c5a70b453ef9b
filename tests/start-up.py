#!/usr/bin/env python3
"""Instructions from a function's start to its first question for an event, for what `sam build` has made, held
against bench/budget.json. Counted by valgrind's callgrind, so the machine's load does not matter; another compiler
does a little, hence the tolerance. Without valgrind it says so and ends well.

    tests/start-up.py FOLDER [--write]
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BUDGET = Path(__file__).parent.parent / "bench/budget.json"
# Of what the budget says. `make bench-guard` is stricter: there the compiler is known.
TOLERANCE = 0.1
INTEGRATION = "hubspot"
asked = threading.Event()


class RuntimeApi(BaseHTTPRequestHandler):
    """Gives no event: a function that asks for one has started."""

    def do_GET(self):
        asked.set()
        threading.Event().wait()

    def log_message(self, *_):
        pass


def instructions(program, address):
    asked.clear()
    with tempfile.NamedTemporaryFile() as out:
        env = {
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_FUNCTION_NAME": "function",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "INTEGRATION": INTEGRATION,
            "PATH": os.environ["PATH"],
        }
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", program]
        silent = subprocess.DEVNULL
        function = subprocess.Popen(command, env=env, stdin=silent, stdout=silent, stderr=silent)
        started = asked.wait(60)
        function.send_signal(signal.SIGTERM)
        function.wait()
        if not started:
            sys.exit(f"start-up: {program} asked for no event within a minute")
        return int(re.search(r"^(?:totals|summary): (\d+)", Path(out.name).read_text(), re.M)[1])


def main():
    folder, write = Path(sys.argv[1]), "--write" in sys.argv
    if not shutil.which("valgrind"):
        print("start-up: not counted, there is no valgrind")
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    budget = json.loads(BUDGET.read_text())
    allowed, spent = budget.get("start", {}), {}
    for program in sorted(folder.glob("*/bootstrap")):
        name = program.parent.name
        spent[name] = round(instructions(program, "127.0.0.1:%d" % server.server_port) / 1e6, 2)
        print(f"start-up: {name} {spent[name]} M instructions, the budget is {allowed.get(name)}", flush=True)
    if write:
        BUDGET.write_text(json.dumps({**budget, "start": spent}, indent=2) + "\n")
        return
    over = [name for name, count in spent.items() if count > allowed.get(name, 0) * (1 + TOLERANCE)]
    if over or not spent:
        sys.exit(f"start-up: too many instructions: {', '.join(over) or 'no function in ' + str(folder)}")


main()
