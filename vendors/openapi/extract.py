#!/usr/bin/env python3
"""Takes the operations that a manifest calls out of what its vendor publishes.

    extract.py <crm> <package file>     writes <crm>.json; the package is that of sources.json

The vendors' OpenAPI documents have no licence to pass them on, but the SDKs that are generated from
them have one. So the SDK is read back: its generator left every path, query
parameter and request schema in the code. Nothing is added or corrected here; where our requests
differ on purpose, sources.json says why, and that is copied as it is.
"""
import ast
import hashlib
import json
import pathlib
import re
import sys
import tarfile
import zipfile

HERE = pathlib.Path(__file__).parent
REF = "#/components/schemas/"


def files(package):
    """Every text file of a wheel or a tarball."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as z:
            return {n: z.read(n).decode() for n in z.namelist() if n.endswith((".py", ".json"))}
    with tarfile.open(package) as t:
        return {m.name.removeprefix("package/"): t.extractfile(m).read().decode()
                for m in t if m.isfile() and m.name.endswith((".js", ".d.ts"))}


class Stainless:
    """Python by Stainless: calls in resources/, TypedDicts in types/."""

    def __init__(self, texts):
        self.trees = {n: ast.parse(t) for n, t in texts.items() if "/types/" in n or "/resources/" in n}
        self.schemas = {}

    def operation(self, method, path):
        for name, tree in self.trees.items():
            if "/resources/" not in name:
                continue
            for cls in (c for c in tree.body if isinstance(c, ast.ClassDef) and not c.name.startswith("Async")):
                for function in (f for f in cls.body if isinstance(f, ast.FunctionDef)):
                    for call in (c for c in ast.walk(function) if isinstance(c, ast.Call)):
                        if self.verb(call) == method and call.args and self.path(call.args[0]) == path:
                            return self.describe(name, tree, function, call, path)
        raise LookupError(f"{method} {path}")

    def verb(self, call):
        name = getattr(call.func, "attr", "")
        named = {k.arg: k.value for k in call.keywords}
        if name == "_get_api_list":
            return getattr(named.get("method"), "value", "get").upper()
        return name[1:].upper() if re.fullmatch("_(get|post|put|patch|delete)", name) else None

    def path(self, node):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "path_template":
            node = node.args[0]
        return node.value if isinstance(node, ast.Constant) else None

    def describe(self, name, tree, function, call, path):
        parameters = [{"name": p, "in": "path", "required": True, "schema": {"type": "string"}}
                      for p in re.findall(r"{(\w+)}", path)]
        operation = {"operationId": name.split("/resources/")[1].removesuffix(".py") + "." + function.name}
        queries = set()
        for part in ast.walk(call):
            transform = getattr(getattr(getattr(part, "value", None), "func", None), "id", "")
            if isinstance(part, ast.keyword) and part.arg in ("query", "body") and transform == "maybe_transform":
                kind = part.value.args[1]
                schema = self.named(self.imported(name, tree, kind.value.id), kind.attr)
                if part.arg == "body":
                    operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
                else:
                    queries.add(schema["$ref"])
                    inner = self.schemas[schema["$ref"].removeprefix(REF)]
                    # A body may be of the same type: the call names which of its fields are the query's.
                    asked = [k.value for k in getattr(part.value.args[0], "keys", [])]
                    parameters += [{"name": k, "in": "query", "required": k in inner.get("required", []), "schema": v}
                                   for k, v in inner["properties"].items()
                                   if not asked or re.sub("([A-Z])", r"_\1", k).lower() in asked]
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        for query in queries - {body.get("$ref")}:
            self.schemas.pop(query.removeprefix(REF), None)
        if parameters:
            operation["parameters"] = parameters
        return operation

    def module(self, name, level, module):
        base = name.split("/")[:-level] if level else []
        stem = "/".join(base + (module.split(".") if module else []))
        return next((n for n in (stem + ".py", stem + "/__init__.py") if n in self.trees), stem)

    def imported(self, name, tree, wanted):
        """The file that `wanted` comes from."""
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                for alias in node.names:
                    if (alias.asname or alias.name) == wanted:
                        inner = self.module(name, node.level, ((node.module or "") + "." + alias.name).lstrip("."))
                        return inner if inner in self.trees else self.module(name, node.level, node.module or "")
        return None

    def named(self, name, wanted):
        tree = self.trees[name]
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name == wanted:
                return self.typed_dict(name, node)
            target = getattr(node, "target", None) or (getattr(node, "targets", None) or [None])[0]
            if getattr(target, "id", None) == wanted:
                return self.type(name, node.value)
        return self.named(self.imported(name, tree, wanted), wanted)

    def typed_dict(self, name, node):
        key = node.name.removesuffix("Param")
        if key not in self.schemas:
            self.schemas[key] = schema = {"type": "object", "properties": {}}
            for base in (b.id for b in node.bases if isinstance(b, ast.Name) and b.id != "TypedDict"):
                inner = self.schemas[self.named(name, base)["$ref"].removeprefix(REF)]
                schema["properties"] |= inner["properties"]
                schema.setdefault("required", []).extend(inner.get("required", []))
            for line in (n for n in node.body if isinstance(n, ast.AnnAssign)):
                field, kind = line.target.id, line.annotation
                required = isinstance(kind, ast.Subscript) and kind.value.id == "Required"
                kind = kind.slice if required else kind
                if isinstance(kind, ast.Subscript) and kind.value.id == "Annotated":
                    info = {k.arg: k.value.value for k in kind.slice.elts[1].keywords}
                    field, kind = info.get("alias", field), kind.slice.elts[0]
                schema["properties"][field] = self.type(name, kind)
                if required:
                    schema.setdefault("required", []).append(field)
        return {"$ref": REF + key}

    def type(self, name, node):
        plain = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
        if isinstance(node, ast.Name):
            if node.id in plain:
                return {"type": plain[node.id]}
            return {} if node.id == "object" else self.named(name, node.id)
        if isinstance(node, ast.Constant) and node.value is None:
            return {"type": "null"}
        if isinstance(node, ast.Subscript):
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            kind = node.value.id
            if kind == "Literal":
                return {"enum": [e.value for e in inner]}
            if kind == "Dict":
                return {"type": "object", "additionalProperties": self.type(name, inner[1])}
            if kind in ("Iterable", "List", "Sequence", "SequenceNotStr"):
                return {"type": "array", "items": self.type(name, inner[0])}
            if kind in ("Union", "Optional"):
                return {"anyOf": [self.type(name, i) for i in inner] + [{"type": "null"}] * (kind == "Optional")}
        raise LookupError(f"{name}: {ast.dump(node)}")


class Axios:
    """TypeScript by OpenAPI Generator: functions in api/*.js, interfaces in models/*.d.ts."""

    def __init__(self, texts):
        self.texts, self.schemas = texts, {}

    def operation(self, method, path):
        version, rest = re.fullmatch("/api/(v[12])(/.*)", path).groups()
        for name, text in self.texts.items():
            if not name.startswith(f"dist/versions/{version}/api/") or not name.endswith(".js"):
                continue
            found = re.findall(r"/\*\*((?:(?!\*/).)*)\*/\s+(\w+): \([^)]*\) => __awaiter(.*?)\n        }\),", text, re.S)
            for notes, function, body in found:
                if f"localVarPath = `{rest}`" in body and f"method: '{method}'" in body:
                    return self.describe(version, notes, function, body)
        raise LookupError(f"{method} {path}")

    def describe(self, version, notes, function, body):
        queries = dict(re.findall(r"localVarQueryParameter\['([^']+)'\] = (?:\()?(\w+)", body))
        variables = {v: k for k, v in queries.items()}
        paths = re.findall(r'\.replace\(`\{\$\{"(\w+)"\}\}`', body)
        operation, parameters = {"operationId": f"{version}.{function}"}, []
        for kind, optional, variable in re.findall(r"\* @param \{(.+?)\} (\[?)(\w+)", notes):
            schema = self.type(version, kind)
            if variable in variables or variable in paths:
                parameters.append({"name": variables.get(variable, variable), "in": "query" if variable in variables else "path",
                                   "required": not optional, "schema": schema})
            else:
                operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
        if parameters:
            operation["parameters"] = parameters
        return operation

    def type(self, version, text):
        words = re.findall(r"'[^']*'|Array<|[\w.]+|[|&<>{}\[\]:;?]", text)
        schema = self.choice(version, words)
        if words:
            raise LookupError(f"{text}: {words}")
        return schema

    def choice(self, version, words):
        several = [self.single(version, words)]
        sign = words[0] if words and words[0] in "|&" else None
        while words and words[0] == sign:
            words.pop(0)
            several.append(self.single(version, words))
        if sign == "&":
            return {"allOf": several}
        if all("const" in s for s in several):
            return {"enum": [s["const"] for s in several]}
        if {} in several:
            return {}
        several = [{"enum": [s["const"]]} if "const" in s else s for s in several]
        return {"anyOf": several} if sign else several[0]

    def single(self, version, words):
        word = words.pop(0)
        if word == "Array<":
            schema = {"type": "array", "items": self.choice(version, words)}
            words.pop(0)
            return schema
        if word == "{":  # { [key: string]: any; }
            end = words.index("}")
            inner = [w for w in words[:end] if w != ";"]
            del words[:end + 1]
            value = self.choice(version, inner[inner.index("]") + 2:])
            return {"type": "object", "additionalProperties": value or True}
        if word.startswith("'"):
            return {"const": word[1:-1]}
        if word.isdigit():
            return {"const": int(word)}
        if word in ("string", "number", "boolean", "null", "object"):
            return {"type": word}
        if word in ("any", "undefined"):
            return {}
        return self.model(version, word)

    def model(self, version, name):
        key = f"{version}.{name}"
        if key not in self.schemas:
            self.schemas[key] = {}
            models = (t for n, t in self.texts.items() if n.startswith(f"dist/versions/{version}/models/"))
            text = next(t for t in models if re.search(rf"export (?:interface|type|declare const) {name}\b", t))
            text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
            if found := re.search(rf"export interface {name} (?:extends (\w+) )?\{{\n(.*?)^\}}", text, re.S | re.M):
                base, lines = found.groups()
                fields = re.findall(r"^    '([^']+)'(\??): (\{.*?\}|[^;]*);$", lines, re.M | re.S)
                schema = {"type": "object", "properties": {f: self.type(version, k) for f, _, k in fields}}
                if required := [f for f, optional, _ in fields if not optional]:
                    schema["required"] = required
                self.schemas[key] = {"allOf": [self.model(version, base), schema]} if base else schema
            elif found := re.search(rf"export declare const {name}: \{{(.*?)\}}", text, re.S):
                values = re.findall(r": (\"[^\"]*\"|-?[\d.]+);", found[1])
                self.schemas[key] = {"enum": [json.loads(v) for v in values]}
            else:
                self.schemas[key] = self.type(version, re.search(rf"export type {name} = (.*?);", text, re.S)[1])
        return {"$ref": REF + key}


class Zoho:
    """Zoho's SDK: calls in *_operations.py, types in json_details.json, standard fields in record/field.py."""
    ROOT = "zohocrmsdk.src.com.zoho.crm.api."
    PLAIN = {"String": "string", "Integer": "integer", "Long": "string", "Boolean": "boolean", "Double": "number",
             "Float": "number", "DateTime": "string", "LocalDate": "string", "HashMap": "object", "Object": None}

    def __init__(self, texts):
        self.texts, self.schemas = texts, {}
        self.details = json.loads(texts["zohocrmsdk/src/json_details.json"])
        tree = ast.parse(texts["zohocrmsdk/src/com/zoho/crm/api/record/field.py"])
        field = next(n for n in tree.body if isinstance(n, ast.ClassDef))
        self.fields = {c.name: [n.value.args[0].value for n in ast.walk(c) if isinstance(n, ast.Return)]
                       for c in field.body if isinstance(c, ast.ClassDef)}

    def operation(self, method, path):
        general = None
        for name, text in self.texts.items():
            if not name.endswith("_operations.py"):
                continue
            for function in re.split(r"\n\tdef ", text)[1:]:
                parts = re.findall(r"api_path = api_path \+ (?:'([^']*)'|str\((?:self\.__)?(\w+)\))", function)
                verb = re.search(r"REQUEST_METHOD_(\w+)", function)
                theirs = "".join(t or "{" + v + "}" for t, v in parts)
                if parts and verb and verb[1] == method:
                    if theirs == path:
                        return self.describe(name, function, path)
                    # `/crm/v8/{module_api_name}` is what `/crm/v8/Contacts` is called through.
                    if re.fullmatch(re.sub(r"{\w+}", "[^/]+", theirs), path):
                        general = general or (name, function)
        if general is None:
            raise LookupError(f"{method} {path}")
        return self.describe(*general, path)

    def describe(self, name, function, path):
        package = name.split("/api/")[1].rsplit("/", 1)[0].replace("/", ".")
        function_name = function.split("(")[0]
        operation, parameters = {"operationId": f"{package}.{function_name}"}, []
        parameters += [{"name": p, "in": "path", "required": True, "schema": {"type": "string"}} for p in re.findall(r"{(\w+)}", path)]
        details = self.details.get(self.ROOT + package + "." + "".join(w.capitalize() for w in function_name.split("_")) + "Param", {})
        if "param_instance" in function:
            parameters += [{"name": d["name"], "in": "query", "required": d.get("required_for") in ("true", "all"), "schema": self.detail(d, None)}
                           for d in details.values()]
        if body := re.search(r"request \((\w+)\)", function):
            module = next((m for m in re.findall(r"\w+", path) if m in self.fields), None)
            schema = self.model(self.ROOT + package + "." + body[1], module)
            operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
        if parameters:
            operation["parameters"] = parameters
        return operation

    def detail(self, detail, module):
        if "values" in detail:
            return {"enum": detail["values"]}
        if detail["type"] == "List":
            inner = detail.get("sub_type", {}).get("type")
            items = self.model(inner, module) if inner in self.details else {"type": self.PLAIN.get(inner)} if self.PLAIN.get(inner) else {}
            return {"type": "array", "items": items}
        if detail["type"] in self.details:
            return self.model(detail["type"], module)
        plain = self.PLAIN.get(detail["type"])
        return {"type": plain} if plain else {}

    def model(self, name, module):
        record = name == self.ROOT + "record.Record" and module
        key = module if record else name.removeprefix(self.ROOT) + (f".{module}" if module and name.endswith("record.BodyWrapper") else "")
        if key not in self.schemas:
            self.schemas[key] = schema = {"type": "object", "properties": {}}
            own = self.details[name]
            schema["properties"] = {d["name"]: self.detail(d, module) for d in own.values() if d["name"] != "keyModified"}
            if record:
                schema["properties"] |= {f: {} for f in self.fields[module] if f not in schema["properties"]}
            if required := [d["name"] for d in own.values() if d.get("required_for") in ("all", "create")]:
                schema["required"] = required
        return {"$ref": REF + key}


def main(crm, package):
    source = json.loads((HERE / "sources.json").read_text())[crm]
    package = pathlib.Path(package)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    if digest != source["info"]["x-sha256"]:
        sys.exit(f"{package}: {digest} is not the recorded package")
    reader = {"stainless": Stainless, "axios": Axios, "zoho": Zoho}[source["reader"]](files(package))
    paths = {}
    for operation in source["operations"]:
        method, path = operation.split(" ", 1)
        paths.setdefault(path, {})[method.lower()] = reader.operation(method, path)
    document = {"openapi": "3.1.0", "info": source["info"], "servers": source["servers"], "paths": paths,
                "components": {"schemas": dict(sorted(reader.schemas.items()))},
                "x-not-covered": source["not_covered"], "x-exceptions": source["exceptions"]}
    (HERE / f"{crm}.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
