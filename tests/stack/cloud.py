"""moto as a server, with what CloudFormation does and moto leaves out:

- a change set's template goes through SAM's own translator (`AWS::Serverless-2016-10-31`), so that functions,
  roles and log groups are really made;
- a stack made by a change set has outputs, and in them its HTTP API has an id;
- `AWS::NoValue` leaves no hole in a list.

    cloud.py PORT
"""

import hashlib
import json
import signal
import sys

import moto.cloudformation.models as formation
import moto.cloudformation.parsing as parsing
import stack
from moto.core.common_models import CloudFormationModel
from moto.moto_server.threaded_moto_server import ThreadedMotoServer


class HttpApi(CloudFormationModel):
    """Only an id, for the stack's outputs."""

    # moto takes a model's service from here.
    __module__ = "moto.apigatewayv2.models"

    def __init__(self, physical_resource_id):
        self.physical_resource_id = physical_resource_id

    @staticmethod
    def cloudformation_name_type():
        return "ApiId"

    @staticmethod
    def cloudformation_type():
        return "AWS::ApiGatewayV2::Api"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, *_, **__):
        return cls(hashlib.sha256(resource_name.encode()).hexdigest()[:10])

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, *_, **__):
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(cls, *_, **__):
        pass


def translated(template, parameters):
    document = stack.yaml_parse(template)
    if "Transform" not in document:
        return template
    return stack.for_moto(stack.translated(document, parameters))


def complete():
    """Puts the missing parts into moto."""
    begin, apply, clean = formation.ChangeSet.__init__, formation.ChangeSet.apply, parsing.clean_json

    def begun(self, *arguments, **named):
        named["template"] = translated(named["template"], named["parameters"])
        begin(self, *arguments, **named)

    def applied(self):
        apply(self)
        self.stack.template = json.dumps(self.template_dict)
        self.stack.template_dict = self.template_dict
        self.stack.output_map = self.stack._create_output_map()

    def cleaned(value, known):
        found = clean(value, known)
        return [it for it in found if it is not None] if isinstance(value, list) else found

    formation.ChangeSet.__init__, formation.ChangeSet.apply = begun, applied
    parsing.clean_json = cleaned


def main():
    complete()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=int(sys.argv[1]), verbose=False)
    server.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    server.stop()


if __name__ == "__main__":
    main()
