# SPDX-License-Identifier: MIT
"""peer_result - puts what peers.py measured into a result.json of heed-bench --report.

schema.md says what the members mean.
"""
import json
import os
import random
import statistics
from pathlib import Path


class BadResult(Exception):
    """The file is not what heed-bench --report writes."""


def load(path: Path) -> dict:
    """A result of the version that this program knows, with the members that it needs."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadResult(f"{path}: {error}") from error
    if not isinstance(result, dict) or result.get("schema") != "heed-bench":
        raise BadResult(f"{path}: schema is not heed-bench")
    if result.get("schema_version") != 1:
        raise BadResult(f"{path}: schema_version is {result.get('schema_version')}, not 1")
    for member in ("cases", "ceilings"):
        entries = result.get(member)
        if not isinstance(entries, list) or not all(
            isinstance(x, dict) and isinstance(x.get("id"), str) for x in entries
        ):
            raise BadResult(f"{path}: {member} is not a list of objects with an id")
    return result


def save(result: dict, path: Path) -> None:
    """Replaces the file in one step."""
    beside = path.with_name(path.name + ".tmp")
    beside.write_text(json.dumps(result, indent="\t") + "\n", encoding="utf-8")
    os.replace(beside, path)


def interval(samples: list[float]) -> tuple[float, float]:
    """The 95 % interval of the median, by percentile bootstrap with a fixed seed."""
    draw = random.Random(1)
    medians = sorted(
        statistics.median(draw.choices(samples, k=len(samples))) for _ in range(1000)
    )
    return medians[25], medians[974]


def summary(rounds: list[dict]) -> dict:
    """Of the rounds without marks, or of all where every one has them."""
    clean = [r["seconds"] for r in rounds if not r["marks"]]
    samples = clean or [r["seconds"] for r in rounds]
    median = statistics.median(samples)
    low, high = interval(samples)
    return {
        "rounds": rounds,
        "median_seconds": median,
        "mad_seconds": statistics.median(abs(s - median) for s in samples),
        "low_seconds": low,
        "high_seconds": high,
        "kept": len(clean),
    }


def case_of(result: dict, problem, library: str, version: str, isa: str,
            rounds: list[dict], errors: tuple[float, float]) -> dict:
    """A case of a peer, with the work and the ceiling of heed's case of the same workload.

    errors: the largest, and the largest that is explained.
    """
    workload, size = problem.workload, problem.type.itemsize
    dtype = problem.dtype if problem.dtype == "f32" else problem.dtype + "-qkv"
    name, decode = workload["name"], workload["q_rows"] == 1
    ours = next((c for c in result["cases"] if c["id"] == f"attention/{dtype}/{name}/{isa}/t1"), {})
    numbers = workload["batch"] * workload["q_heads"] * workload["q_rows"] * workload["dim"]
    masks = sum(x.nbytes for x in (problem.visible, problem.bias) if x is not None)
    work = {"flop": workload["flop"],
            "bytes": workload["kv_bytes"] * size / 4 + 2 * size * numbers + masks}
    rate_of = "bytes" if decode else "flop"
    figures = summary(rounds)
    rate = work[rate_of] / figures["median_seconds"]
    ceiling_id = ours.get("ceiling_id")
    ceiling = next((c.get("median") for c in result["ceilings"] if c["id"] == ceiling_id), None)
    first = 1 + max((r["order"] for c in result["cases"] for r in c.get("rounds", [])), default=-1)
    for order, entry in enumerate(rounds, first):
        entry["order"] = order
    shape = {x: workload[x] for x in "batch q_heads kv_heads q_rows kv_rows dim causal".split()}
    shape["mask"] = None if workload["mask"] == "none" else workload["mask"]
    shape["window"] = workload["window"] or None
    return {
        "id": f"peer/{dtype}/{name}/{library}/t1",
        "operation": "peer", "dtype": dtype, "workload": name, "isa": isa,
        "library": library, "library_version": version, "threads": 1, "shape": shape,
        **work, "elements": None, "rate_of": rate_of,
        **figures, "rate": rate,
        "ceiling_id": ceiling_id, "of_ceiling": rate / ceiling if ceiling else None,
        "max_error": errors[0], "error_bound": errors[1], "repeat_of": None,
    }


def add(result: dict, case: dict) -> None:
    """In place of an earlier measurement of the same."""
    result["cases"] = [c for c in result["cases"] if c["id"] != case["id"]] + [case]
