# SPDX-License-Identifier: MIT
"""report_case - runs heed-bench --report and holds its result against the schema.

HEED_BENCH is the command, HEED_BENCH_EMULATOR one that emulates its machine, or nothing.
"""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import jsonschema

COMMAND = os.environ["HEED_BENCH"]
SCHEMA = json.loads((Path(__file__).parent / "result.schema.json").read_text(encoding="utf-8"))
# On a quiet machine this has its rounds in 3 s; a busy one takes the time that it may.
SHORT = ["--quick", "--budget-s", "12", "--isa", "scalar", "--workloads", "sentence,small"]


def bench(*options, command=(COMMAND,), env=None):
    return subprocess.run([*command, *options], check=False, capture_output=True, text=True,
                          timeout=300, env=env)


def load(directory):
    result = json.loads((Path(directory) / "result.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(SCHEMA).validate(result)
    return result


class ReportCase(unittest.TestCase):
    """With a directory of its own."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def report(self, *options):
        run = bench("--report", self.directory, *options)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(run.stdout, "")
        return load(self.directory)
