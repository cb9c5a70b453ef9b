#!/usr/bin/env python3
"""The smallest function: speaks Lambda's Runtime API and does what the event's body says."""

import json
import os
import time
import urllib.request

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"


def post(path, value):
    request = urllib.request.Request(f"{API}/{path}", json.dumps(value).encode(), method="POST")
    urllib.request.urlopen(request).close()


while True:
    with urllib.request.urlopen(f"{API}/next") as answer:
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(answer)
    order = json.loads(event["body"])
    print("the event asks to", order["do"], flush=True)
    if order["do"] == "fail":
        post(f"{request_id}/error", {"errorType": "Planned", "errorMessage": "as the test wishes"})
        continue
    if order["do"] == "sleep":
        time.sleep(30)
    seen = {"greeting": os.environ.get("GREETING"), "home": os.environ.get("HOME"), "body": order}
    post(
        f"{request_id}/response",
        {
            "statusCode": 201,
            "headers": {"Content-Type": "application/json"},
            "multiValueHeaders": {"X-Several": ["one", "two"]},
            "body": json.dumps(seen),
            "isBase64Encoded": False,
        },
    )
