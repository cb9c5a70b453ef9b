"""What the stack's tests ask of AWS's own libraries, as JSON on stdin and stdout.

    stack.py transform   [{"template": TEXT, "parameters": {…}}, …]  ->  [{"stack": …} or {"error": TEXT}, …]
    stack.py deploy      [{"name": …, "template": TEXT, "steps": [{…parameters}, …]}, …]
                         ->  what moto holds after each step of each stack, and after their deletion

`transform` is what CloudFormation does with `AWS::Serverless-2016-10-31` (moto does not): SAM's own
translator. A function's CodeUri becomes the key of an object in a bucket, so that it can be seen afterwards.
"""

import ast
import io
import json
import os
import sys
import zipfile

os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")

import boto3
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

BUCKET = "packages"
FUNCTIONS = ["auth-validator", "contact-retriever", "agent-retriever", "interaction-retriever", "action-executor"]
CODE_DEPLOY = "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda"


class Policies(ManagedPolicyLoader):
    """Names of AWS's managed policies without asking IAM."""

    def __init__(self):
        super().__init__(None)

    def load(self):
        return {"AWSCodeDeployRoleForLambda": CODE_DEPLOY}


def translated(document, parameters):
    defaults = {name: str(it["Default"]) for name, it in document.get("Parameters", {}).items()}
    values = {"AWS::Region": "us-east-1", **defaults, **parameters}
    return json.loads(json.dumps(transform(document, values, Policies(), feature_toggle=None)))


def stack(template, parameters):
    document = yaml_parse(template)
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            code = resource["Properties"]["CodeUri"].strip("/")
            resource["Properties"]["CodeUri"] = {"Bucket": BUCKET, "Key": code}
    return translated(document, parameters)


def transformed(wanted):
    try:
        return {"stack": stack(wanted["template"], wanted.get("parameters", {}))}
    except InvalidDocumentException as problem:
        return {"error": problem.message + "".join(cause.message for cause in problem.causes)}
    except (KeyError, TypeError, AttributeError) as problem:
        return {"error": f"{type(problem).__name__}: {problem}"}


def for_moto(document):
    """moto knows no aliases of functions: permissions are given for the function itself there."""
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Permission":
            named = resource["Properties"]["FunctionName"]["Ref"]
            resource["Properties"]["FunctionName"] = {"Ref": named.removesuffix("Aliaslive")}
    return json.dumps(document)


def package():
    """A package as small as Lambda takes it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("bootstrap", "")
    return data.getvalue()


def held():
    """What there is, by the services' own word and not by CloudFormation's."""
    functions = boto3.client("lambda").list_functions()["Functions"]
    iam = boto3.client("iam")
    roles = {}
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        policies = [
            iam.get_role_policy(RoleName=name, PolicyName=inline)["PolicyDocument"]
            for inline in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        roles[role["Arn"]] = policies
    # moto keeps a document that came from a template as Python's own text.
    for policies in roles.values():
        policies[:] = [ast.literal_eval(it) if isinstance(it, str) else it for it in policies]
    return {
        "functions": [
            {
                "name": it["FunctionName"],
                "role": it["Role"],
                "timeout": it["Timeout"],
                "memory": it["MemorySize"],
                "architectures": it["Architectures"],
                "variables": it.get("Environment", {}).get("Variables", {}),
                "description": it["Description"],
            }
            for it in functions
        ],
        "roles": roles,
        "logs": {
            it["logGroupName"]: it.get("retentionInDays")
            for it in boto3.client("logs").describe_log_groups()["logGroups"]
        },
        "topics": [it["TopicArn"] for it in boto3.client("sns").list_topics()["Topics"]],
    }


def deployed(stacks):
    import moto.cloudformation.parsing as parsing
    from moto import mock_aws

    # CloudFormation takes what is AWS::NoValue out of lists, too; moto leaves a hole there.
    clean = parsing.clean_json
    parsing.clean_json = lambda value, known: (
        [it for it in clean(value, known) if it is not None] if isinstance(value, list) else clean(value, known)
    )
    with mock_aws():
        s3, formation = boto3.client("s3"), boto3.client("cloudformation")
        s3.create_bucket(Bucket=BUCKET)
        for function in FUNCTIONS:
            s3.put_object(Bucket=BUCKET, Key=f"functions/{function}", Body=package())
        states = []
        for wanted in stacks:
            for number, parameters in enumerate(wanted["steps"]):
                body = for_moto(stack(wanted["template"], parameters))
                act = formation.update_stack if number else formation.create_stack
                act(
                    StackName=wanted["name"],
                    TemplateBody=body,
                    Capabilities=["CAPABILITY_IAM"],
                    Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
                )
                outputs = formation.describe_stacks(StackName=wanted["name"])["Stacks"][0].get("Outputs", [])
                states.append({**held(), "outputs": {it["OutputKey"]: it["OutputValue"] for it in outputs}})
        for wanted in stacks:
            formation.delete_stack(StackName=wanted["name"])
        return {"steps": states, "after": held()}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    answer = [transformed(it) for it in asked] if sys.argv[1] == "transform" else deployed(asked)
    json.dump(answer, sys.stdout)
