"""`make deploy` as its user types it, against moto: what was uploaded is for the stack's processor, and the
stack is named by integration and environment. Builds for both processors, so it takes minutes when cold.
"""

import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MACHINES = {0x3E: "x86_64", 0xB7: "arm64"}
CASES = [
    ("hubspot", "production", "", "arm64"),
    ("hubspot", "staging", "", "arm64"),
    ("espocrm", "production", "Architecture=x86_64", "x86_64"),
]


def main():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # By name: moto reads a template's address as one of a bucket's host names otherwise.
    url = f"http://localhost:{port}"
    environment = {
        **os.environ,
        # Ten builds, none of which runs for long: without what makes them slow.
        "CARGO_PROFILE_RELEASE_LTO": "false",
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
    }
    os.environ.update(environment)
    import boto3

    moto = subprocess.Popen([ROOT / "target/test-env/bin/moto_server", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    failed = 0
    try:
        until = time.time() + 30
        while True:
            try:
                urllib.request.urlopen(f"{url}/moto-api/")
                break
            except OSError:
                if time.time() > until:
                    raise
                time.sleep(0.2)
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="packages")
        for integration, name, parameters, architecture in CASES:
            command = ["make", "deploy", f"INTEGRATION={integration}", f"ENV={name}", "CONFIRM=no", f"PARAMETERS={parameters}"]
            command.append("SAM_ARGUMENTS=--no-resolve-s3 --s3-bucket packages")
            made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            stack = f"talkdesk-bridge-{integration}-{name}"
            objects = s3.list_objects_v2(Bucket="packages", Prefix=stack).get("Contents", [])
            machines = []
            for key in (it["Key"] for it in objects):
                data = s3.get_object(Bucket="packages", Key=key)["Body"].read()
                if not zipfile.is_zipfile(io.BytesIO(data)):
                    continue
                bootstrap = zipfile.ZipFile(io.BytesIO(data)).read("bootstrap")
                machines.append(MACHINES.get(bootstrap[18], "?"))
            stacks = [it["StackName"] for it in boto3.client("cloudformation").describe_stacks()["Stacks"]]
            good = made.returncode == 0 and machines == [architecture] * 5 and stack in stacks
            failed += not good
            print(f"{'ok  ' if good else 'FAIL'}  {stack:<38} uploaded {machines}", flush=True)
            if not good:
                print(made.stdout[-2000:], made.stderr[-3000:])
        refused = subprocess.run(["make", "deploy", "INTEGRATION=hubspott", "ENV=production"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        named = "did you mean `manifests/hubspot`?" in refused.stdout and "sam build" not in refused.stdout
        failed += not named
        print(f"{'ok  ' if named else 'FAIL'}  a mistyped integration builds nothing: {refused.stdout.strip()[-120:]}")
        print(json.dumps(stacks))
    finally:
        moto.terminate()
        moto.wait(10)
    print(f"{len(CASES) + 1 - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
