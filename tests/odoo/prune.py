"""Removes the Odoo modules whose dependencies are not there: `prune.py ADDONS`.

The packages bring some modules in part. Odoo imports every module that it finds, used or not, and
fails to serve anything when one cannot be imported.
"""

import ast
import shutil
import sys
from pathlib import Path


def prune(addons):
    folders = {manifest.parent.name: manifest.parent for manifest in addons.glob("*/__manifest__.py")}
    needs = {
        name: set(ast.literal_eval((folder / "__manifest__.py").read_text(encoding="utf-8")).get("depends", []))
        for name, folder in folders.items()
    }
    while True:
        incomplete = [name for name in needs if not needs[name] <= set(needs)]
        if not incomplete:
            return
        for name in incomplete:
            del needs[name]
            shutil.rmtree(folders[name])


if __name__ == "__main__":
    prune(Path(sys.argv[1]))
