"""Microseconds that Airbyte's low-code CDK takes for a row of the page at CRM_BASE_URL, by airbyte.yaml: its stream's
own partitions are read, so neither its threads nor its messages count. One call to the CRM a page is in the time."""

import json
import os
from pathlib import Path
from statistics import median
from time import perf_counter

import yaml
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource

MANIFEST = yaml.safe_load((Path(__file__).parent / "airbyte.yaml").read_text())
CONFIG = {"url": os.environ["CRM_BASE_URL"], "token": "bench-token"}

source = ConcurrentDeclarativeSource(config=CONFIG, source_config=MANIFEST)
times = []
for _ in range(20):
    stream = source.streams(CONFIG)[0]
    begun = perf_counter()
    rows = [record.data for partition in stream.generate_partitions() for record in partition.read()]
    answer = json.dumps({"contacts": rows})
    times.append((perf_counter() - begun) / len(rows))
assert len(rows) == 200 and rows[0]["name"] == "Name0 Example", rows[:1]
print(median(times[5:]) * 1e6)
