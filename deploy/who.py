"""Whom AWS takes this deployment for, and where it would go: before a build that takes minutes, not after it.
Prints one line, or what is missing.
"""

import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

try:
    session = boto3.Session()
    if not session.region_name:
        sys.exit("deploy: which region? export AWS_REGION=eu-west-1, or `aws configure`")
    identity = session.client("sts").get_caller_identity()
except (BotoCoreError, ClientError) as problem:
    sys.exit(f"deploy: AWS takes no credentials from here ({problem}): `aws sts get-caller-identity` must answer")
print(f"deploy: as {identity['Arn']} in {session.region_name}")
