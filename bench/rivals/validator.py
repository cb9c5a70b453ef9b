"""A validator as somebody would write it for Lambda's Python: the key from Secrets Manager, one call.

With CREDENTIALS=talkdesk there is no secret: Talkdesk sends the CRM's token (HubSpot)."""

import json
import os

import requests

CRM = os.environ["CRM_BASE_URL"]
SESSION = requests.Session()
SECRETS = None
if os.environ.get("CREDENTIALS") != "talkdesk":
    import boto3

    SECRETS = boto3.client("secretsmanager")


def handler(event, context):
    auth = json.loads(event["body"])["auth"]
    if SECRETS:
        name = f"talkdesk-bridge/espocrm/{auth['account']}"
        secret = json.loads(SECRETS.get_secret_value(SecretId=name)["SecretString"])
        url, headers = f"{CRM}/api/v1/App/user", {"x-api-key": secret["api_key"]}
    else:
        url = f"{CRM}/account-info/2026-03/details"
        headers = {"authorization": f"Bearer {auth['access_token']}"}
    answer = SESSION.get(url, headers=headers, timeout=10)
    return {"statusCode": 200 if answer.ok else 401, "body": "{}"}
