"""Every sample event through the user's own command, `sam local invoke`, and the whole contract through
`sam local start-api` with `talkdesk-bridge simulate`: in Docker, with the demo CRM and its secret outside.

Where no Docker engine answers, root starts the one that is installed for as long as this runs, and installs
Debian's before that when INSTALL_DOCKER=yes says so. Without an engine nothing can be said: it says so and
counts as skipped.
"""

import contextlib
import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ARM = platform.machine() in ("aarch64", "arm64")
IMAGE = f"public.ecr.aws/lambda/provided:al2023-{'arm64' if ARM else 'x86_64'}"
CONFIG = ["--config-env", "arm"] if ARM else []
KEY = "demo-bridge-key-0123456789"
API_PORT = 3999


def run(*command, **options):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)


def table():
    """The README's table: function, situation, status."""
    rows, function = [], ""
    for line in (ROOT / "events/README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 4 and cells[3].isdigit():
            function = cells[1] or function
            rows.append((function, cells[2], int(cells[3])))
    return rows


def skip(why):
    print(f"\nSKIPPED, nothing was tested: {why}\n\n0 passed, 0 failed, {len(table()) + 2} skipped")
    sys.exit(0)


def answers():
    return bool(shutil.which("docker")) and run("docker", "info").returncode == 0


@contextlib.contextmanager
def engine():
    """A Docker engine: the one that answers, else one of our own, which ends with the test."""
    if answers():
        yield
        return
    if os.geteuid() != 0:
        skip("no Docker engine answers, and only root may start one; start it and run this again")
    if not shutil.which("dockerd") and os.environ.get("INSTALL_DOCKER") == "yes" and shutil.which("apt-get"):
        print("installing Docker", flush=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "docker.io"], check=False)
    if not shutil.which("dockerd") or not shutil.which("docker"):
        skip("there is no Docker; INSTALL_DOCKER=yes installs it where apt-get is")
    with open(ROOT / "target/dockerd.log", "w", encoding="utf-8") as log:
        daemon = subprocess.Popen(["dockerd"], stdout=log, stderr=log, start_new_session=True)
    try:
        until = time.time() + 30
        while not answers():
            if daemon.poll() is not None or time.time() > until:
                skip("dockerd does not start here: target/dockerd.log says why")
            time.sleep(0.2)
        print("started a Docker engine; it ends with the test", flush=True)
        yield
    finally:
        daemon.terminate()
        daemon.wait(30)


def image():
    """Lambda's image; where it cannot be pulled, a stand-in with the same paths, which is not Amazon Linux."""
    if run("docker", "image", "inspect", IMAGE).returncode == 0 or run("docker", "pull", IMAGE).returncode == 0:
        return
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        skip(f"{IMAGE} cannot be pulled, and there is no debootstrap to make a stand-in")
    made = subprocess.run(["bash", str(ROOT / "tests/sam-local/stand-in.sh"), IMAGE], cwd=ROOT, check=False)
    if made.returncode:
        skip("the stand-in image cannot be made")
    print(f"{IMAGE} is a stand-in made of Debian: this shows SAM's wiring, not Amazon Linux")


def listening(port, host="127.0.0.1"):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def wait_for(what, holds, seconds=120):
    until = time.time() + seconds
    while not holds():
        if time.time() > until:
            raise SystemExit(f"{what} does not come up")
        time.sleep(0.2)


def function_of(name):
    return "".join(word.capitalize() for word in name.split("-"))


def invoke(function, event):
    answer = run("sam", "local", "invoke", function_of(function), "-e", str(event), *CONFIG)
    for line in reversed(answer.stdout.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    raise SystemExit(f"{event}: no answer\n{answer.stdout}\n{answer.stderr[-3000:]}")


def main():
    with engine():
        image()
        sys.exit(1 if played() else 0)


def played():
    """Plays everything; how much of it failed."""
    bridge = str(ROOT / "target/debug/talkdesk-bridge")
    with open(ROOT / "target/sam-local.log", "w", encoding="utf-8") as log:
        local = subprocess.Popen([bridge, "local"], cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        api = None
        passed, failed, offset = 0, 0, None
        try:
            address = re.search(r"http://([0-9.]+):(\d+)", local.stdout.readline())
            wait_for("the demo CRM", lambda: listening(int(address[2]), address[1]))
            for function, situation, status in table():
                event = ROOT / "events" / function / f"{situation}.json"
                if situation == "next-page":
                    filled = ROOT / "target/next-page.json"
                    filled.write_text(event.read_text().replace("__NEXT_OFFSET__", offset))
                    event = filled
                began = time.time()
                answer = invoke(function, event)
                good = answer.get("statusCode") == status
                passed, failed = passed + good, failed + (not good)
                mark = "ok  " if good else "FAIL"
                print(f"{mark}  {function + '/' + situation:<42} {answer.get('statusCode')} of {status}  {time.time() - began:.1f} s", flush=True)
                if (function, situation) == ("contact-retriever", "initial"):
                    offset = json.loads(answer["body"])["next_offset"]
            api = subprocess.Popen(["sam", "local", "start-api", "-p", str(API_PORT), *CONFIG], cwd=ROOT, stdout=log, stderr=log)
            wait_for("sam local start-api", lambda: listening(API_PORT))
            url = f"http://127.0.0.1:{API_PORT}"
            auth = ["--auth", "account=acme", "--auth", f"bridge_key={KEY}"]
            for command in (["simulate", url, *auth], ["doctor", "--manifest", "manifests/demo", "--url", url, *auth]):
                answer = run(bridge, *command)
                passed, failed = passed + (answer.returncode == 0), failed + (answer.returncode != 0)
                print(f"\n{answer.stdout}{answer.stderr}")
        finally:
            for process in (api, local):
                if process:
                    process.send_signal(signal.SIGTERM)
                    process.wait(30)
    print(f"{passed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    main()
