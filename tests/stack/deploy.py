"""`make deploy` as its user types it, against moto: what the functions run is for the stack's processor, the
stack is named by integration and environment, and its outputs stand in a file. Builds for both processors,
so it takes minutes when cold.
"""

import ast
import contextlib
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
TOOLS = ROOT / "target/test-env/bin"
MACHINES = {0x3E: "x86_64", 0xB7: "arm64"}
BUCKET = "packages"
REGION = "us-east-1"
# The file that one of them lays over its manifest changes what its fixtures show, as such files do.
OVERLAY = ROOT / "target/deploy-overlay.yaml"
CASES = [
    ("hubspot", "production", "", "arm64"),
    ("hubspot", "staging", "", "arm64"),
    ("espocrm", "production", "", "arm64"),
    ("espocrm", "staging", "", "arm64", OVERLAY),
]


@contextlib.contextmanager
def serving(*command):
    """The command with a port, as AWS; gives the environment of its users."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # By name: moto reads a template's address as one of a bucket's host names otherwise.
    url = f"http://localhost:{port}"
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    environment = {**os.environ, **keys, "AWS_ENDPOINT_URL": url, "AWS_REGION": REGION}
    # Builds that nobody will run for long: without what makes them slow.
    environment["CARGO_PROFILE_RELEASE_LTO"] = "false"
    # As a user who exports the one name that all of AWS's newer tools read.
    environment.pop("AWS_DEFAULT_REGION", None)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([*command, str(port)], env=environment, **quiet)
    try:
        until = time.time() + 60
        while True:
            try:
                urllib.request.urlopen(f"{url}/moto-api/")
                break
            except OSError:
                if time.time() > until:
                    raise
                time.sleep(0.2)
        yield environment
    finally:
        server.terminate()
        server.wait(10)


def client(environment, service):
    import boto3

    return boto3.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def make(environment, *arguments):
    command = ["make", "deploy", *arguments, "CONFIRM=no"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def outputs_of(stack):
    return ROOT / f"target/outputs/{stack}.json"


def packages(environment, stack):
    """What was uploaded for a stack: each program's processor, and the names of the other files with it."""
    s3, found = client(environment, "s3"), []
    # The one that sam makes for itself.
    bucket = s3.list_buckets()["Buckets"][0]["Name"]
    for key in (it["Key"] for it in s3.list_objects_v2(Bucket=bucket, Prefix=stack).get("Contents", [])):
        data = io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        if zipfile.is_zipfile(data):
            package = zipfile.ZipFile(data)
            others = [name for name in package.namelist() if name != "bootstrap"]
            found.append((MACHINES.get(package.read("bootstrap")[18], "?"), others))
    return found


def check(good, what, *runs):
    print(f"{'ok  ' if good else 'FAIL'}  {what}", flush=True)
    if not good:
        for run in runs:
            print(run.stdout[-2000:], run.stderr[-3000:])
    return good


def deployed(environment, integration, name, parameters, architecture, overlay=""):
    stack = f"talkdesk-bridge-{integration}-{name}"
    outputs_of(stack).unlink(missing_ok=True)
    run = make(environment, f"INTEGRATION={integration}", f"ENV={name}", f"PARAMETERS={parameters}", f"OVERLAY={overlay}")
    uploaded = [machine for machine, _ in packages(environment, stack)]
    beside = [others for _, others in packages(environment, stack)]
    functions = [
        it["FunctionName"]
        for it in client(environment, "lambda").list_functions()["Functions"]
        if it["Environment"]["Variables"]["STACK"] == stack
    ]
    # moto gives every function of a stack the same processor; the template's own tests say where it comes from.
    made = client(environment, "cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Parameters"]
    wanted = {it["ParameterKey"]: it["ParameterValue"] for it in made}["Architecture"]
    try:
        outputs = {it["OutputKey"]: it["OutputValue"] for it in json.loads(outputs_of(stack).read_text())}
    except (OSError, ValueError):
        outputs = {}
    good = run.returncode == 0 and uploaded == [wanted] * 5 == [architecture] * 5 and len(functions) == 5
    good = good and beside == [["overlay.yaml"] if overlay else []] * 5
    good = good and outputs.get("BaseUrl", "").startswith("https://") and len(outputs) >= 6
    seen = f"uploaded {uploaded}, for {wanted}, {len(functions)} functions, {len(outputs)} outputs"
    return check(good, f"{stack:<38} {seen}", run)


def apart(environment):
    """Side by side, each stack has secrets of its own: its functions name them so, and no role reads more."""
    iam, prefixes, good = client(environment, "iam"), {}, True
    for function in client(environment, "lambda").list_functions()["Functions"]:
        variables, role = function["Environment"]["Variables"], function["Role"].rsplit("/", 1)[-1]
        stack, own = variables["STACK"], variables["SECRET_PREFIX"]
        statements = []
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            # moto keeps a document that came from a template as Python's own text.
            document = ast.literal_eval(document) if isinstance(document, str) else document
            statements += [it for it in document["Statement"] if "secretsmanager" in str(it["Action"])]
        read = [it["Resource"].split(":secret:")[1] for it in statements]
        good = good and read == ([] if variables["INTEGRATION"] == "hubspot" else [f"{own}*"])
        prefixes.setdefault(stack, set()).add((own, tuple(read)))
    for stack, ((own, read),) in sorted(prefixes.items()):
        print(f"      {stack:<36} secrets {own:<40} its roles read {', '.join(read) or 'none'}")
    good = good and len({own for ((own, _),) in prefixes.values()}) == len(CASES)
    return check(good, "no stack reads another's secrets")


def main():
    OVERLAY.write_text("limits: {page_size: 20}\n")
    results = []
    with serving(TOOLS / "python", ROOT / "tests/stack/cloud.py") as aws:
        results += [deployed(aws, *case) for case in CASES]
        results.append(apart(aws))
        run = make(aws, "INTEGRATION=hubspott", "ENV=production")
        good = run.returncode != 0 and "did you mean `manifests/hubspot`?" in run.stdout
        good = good and "sam build" not in run.stdout
        results.append(check(good, "a mistyped integration builds nothing", run))
        nowhere = {name: value for name, value in aws.items() if name != "AWS_REGION"}
        run = make({**nowhere, "AWS_CONFIG_FILE": "/dev/null"}, "INTEGRATION=hubspot", "ENV=staging")
        good = run.returncode != 0 and "which region?" in run.stderr and "Building" not in run.stderr
        results.append(check(good, "without a region nothing is built", run))
    with serving(TOOLS / "python", ROOT / "tests/stack/cloud.py") as aws:
        results.append(deployed(aws, "hubspot", "production", "Architecture=x86_64", "x86_64"))
    # moto alone makes a stack of a change set, but gives no outputs: not even sam's own bucket is found.
    with serving(TOOLS / "moto_server", "-p") as bare:
        client(bare, "s3").create_bucket(Bucket=BUCKET)
        own = f"SAM_ARGUMENTS=--no-resolve-s3 --s3-bucket {BUCKET}"
        run = make(bare, "INTEGRATION=hubspot", "ENV=staging", own)
        left = outputs_of("talkdesk-bridge-hubspot-staging").exists()
        good = run.returncode == 0 and "its outputs could not be read" in run.stderr and not left
        results.append(check(good, "a deployment whose outputs cannot be read has succeeded, and says so", run))
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
