# SPDX-License-Identifier: MIT
"""command - runs the command under test and reads the example's figures."""
import json
import os
import pathlib
import shlex
import subprocess

COMMAND = shlex.split(os.environ["HEED_COMMAND"])  # an emulator may stand in front
EXAMPLE = json.loads(
    (pathlib.Path(__file__).parents[1] / "data/example_sentence.json").read_text(encoding="utf-8"))


def heed(*arguments, **options):
    """Runs the command; its output is text unless asked otherwise."""
    settings = {"capture_output": True, "text": True, "timeout": 300} | options
    return subprocess.run([*COMMAND, *arguments], check=False, **settings)


def output(*arguments, **options):
    """What a call that must succeed prints."""
    result = heed(*arguments, **options)
    assert result.returncode == 0 and result.stderr == "", result
    return result.stdout


def attend(*arguments, **options):
    """The JSON object of `heed attend`."""
    return json.loads(output("attend", "--json", *arguments, **options))


def supported_isas():
    """Names of the instruction sets that run here, emulated ones included."""
    return [isa["name"] for isa in json.loads(output("info", "--json"))["isas"]
            if isa["supported"]]
