# SPDX-License-Identifier: MIT
"""peer_medians - files of medians that peers.py --save keeps and peers_table.py draws tables from.

{"cpu": ..., "runs": [{"date", "type", "heed", "isa", "libraries": {name: version},
"seconds": {workload: {library: median}}}]}, one run after the other.
"""
import datetime
import json
import platform
import re
import subprocess
from pathlib import Path


class BadMedians(Exception):
    """The file is none of medians."""


def cpu_brand():
    """As Linux tells it, or the architecture."""
    try:
        words = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        words = ""
    found = re.search(r"^model name\s*:\s*(.+)$", words, re.MULTILINE)
    return found[1] if found else platform.machine()


def _commit():
    """The last one that changed the library, in the tree that this file is in; "" outside of one."""
    def git(*words):
        return subprocess.run(["git", *words, "--", "src", "include", "cmake"], check=True, text=True,
                              capture_output=True, cwd=Path(__file__).parent.parent).stdout.strip()
    try:
        return git("log", "-1", "--format=%h") + ("-dirty" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


class Run:
    """One call of peers.py."""

    def __init__(self, dtype, heed, versions):
        self.values = {"date": datetime.date.today().isoformat(), "type": dtype, "heed": _commit(),
                       "isa": heed.isa(), "libraries": dict(versions), "seconds": {}}

    def add(self, workload, seconds):
        """Of each library; four digits are more than any machine repeats."""
        self.values["seconds"][workload] = {
            library: float(f"{value:.4g}") for library, value in seconds.items()}


def load(path):
    """What is there, or an empty file of medians of this machine."""
    if not path.exists():
        return {"cpu": cpu_brand(), "runs": []}
    try:
        medians = json.loads(path.read_text(encoding="utf-8"))
        if not medians["cpu"] or not all(run["seconds"] for run in medians["runs"]):
            raise ValueError("no medians in it")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadMedians(f"{path}: {error}") from error
    return medians


def save(medians, run, path):
    """With the run as the last of them, whether or not it has ended."""
    runs = [*medians["runs"], run.values]
    text = json.dumps(medians | {"runs": runs}, indent=1)
    # A workload on a line.
    text = re.sub(r"\{\s+([^{}]*?)\s+\}(?=,?\n {4})", lambda m: "{" + " ".join(m[1].split()) + "}", text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
