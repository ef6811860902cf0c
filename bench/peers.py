#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""peers - heed beside other attention libraries: same numbers, same core, one thread each.

Reads the workloads from heed-bench, makes each one's tensors once, hands them
to heed and to each library that is installed (pip install numpy torch onnx
onnxruntime openvino; each optional but NumPy), compares the results with
heed's and times them in turn, so that a slow moment hits all of them.  --into
puts the figures of the others into a result of heed-bench --report.
"""
import os

# Before anything loads a thread pool or a BLAS.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

import peer_result
from heed_ctypes import Heed
from peer_libraries import PEERS, Unsupported
from peer_measure import largest_error, median, samples_of

# Two right f32 results of these sizes differ by less than 1e-5 (peaky: 1e-4); a
# mask or a scale understood differently moves some number by more than 1e-2.
TOLERANCE = 1e-3


def tensors(workload):
    """Queries, keys and values from N(0, 1), the queries times query_factor."""
    random = np.random.default_rng(1)
    w = workload

    def normal(heads, rows):
        return random.standard_normal((w["batch"], heads, rows, w["dim"]), np.float32)

    q = normal(w["q_heads"], w["q_rows"]) * np.float32(w["query_factor"])
    return q, normal(w["kv_heads"], w["kv_rows"]), normal(w["kv_heads"], w["kv_rows"])


def prepared(ways, arrays, causal, expected, say):
    """The calls of one library that give heed's result, by name."""
    found = {}
    for way in ways:
        try:
            compute, result = way(*arrays, causal)
            compute()
            difference = float(np.max(np.abs(result() - expected)))
        except Unsupported:
            continue
        except Exception as error:  # whatever a library throws: it is the report
            say(f"{way.__name__}: {type(error).__name__}: {str(error).splitlines()[0][:100]}")
        else:
            # Not "> TOLERANCE": NaN has to fail.
            if not difference <= TOLERANCE:
                say(f"{way.__name__}: differs from heed by {difference:.2g}, left out")
            else:
                found[way.__name__] = compute, largest_error(result(), *arrays, causal)
    return found


def compare(heed, libraries, workload, options):
    """Of the fastest way to call each library: its rounds and its largest error."""
    arrays, causal = tensors(workload), workload["causal"]
    computes = {}
    computes["heed"], result = heed.attention(*arrays, causal)
    library_of = {"heed": "heed"}
    errors = {"heed": largest_error(result(), *arrays, causal)}
    for library, ways in libraries.items():
        found = prepared(ways, arrays, causal, result(),
                         lambda text: print(f"  {workload['name']}: {text}", file=sys.stderr))
        for way, (compute, error) in found.items():
            computes[way], errors[way], library_of[way] = compute, error, library
    row = {}
    for way, samples in samples_of(computes, options.rounds, options.seconds).items():
        library = library_of[way]
        if library not in row or median(samples) < median(row[library][0]):
            row[library] = samples, errors[way]
    return row


def installed():
    """Ways to call each library, and its version."""
    libraries, versions = {}, {}
    for name, (module, ways) in PEERS.items():
        try:
            version = importlib.import_module(module).__version__
        except ImportError as error:
            print(f"{name}: left out: {error}", file=sys.stderr)
        else:
            print(f"{name} {version}")
            libraries[name], versions[name] = ways, version
    return libraries, versions


def print_row(workload, row, libraries):
    row = {library: median(samples) for library, (samples, _) in row.items()}
    cells = [f"{workload['name']:14}", f"{workload['flop'] / row['heed'] * 1e-9:8.1f}"]
    for library in ["heed", *libraries]:
        cells.append(f"{row[library] * 1e3:12.4f}" if library in row else f"{'-':>12}")
    peers = {library: seconds for library, seconds in row.items() if library != "heed"}
    if peers:
        best = min(peers, key=peers.get)
        cells.append(f"{peers[best] / row['heed']:8.2f}x {best}")
    print(" ".join(cells), flush=True)


def into_result(result, workload, row, versions, isa):
    """Under the names of the modules: torch, not pytorch."""
    for library, (samples, error) in row.items():
        if library != "heed":
            peer_result.add(result, peer_result.case_of(
                result, workload, PEERS[library][0], versions[library], isa, samples, error))


def parse_options():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", help="names; default: all")
    parser.add_argument("--build", type=Path, default=root / "build",
                        help="build directory with libheed.so and bench/heed-bench")
    parser.add_argument("--cpu", type=int, help="core to stay on; default: one that is allowed")
    parser.add_argument("--seconds", type=float, default=5, help="at most, per workload")
    parser.add_argument("--into", type=Path, metavar="RESULT.JSON",
                        help="a result of heed-bench --report that gets the peers' figures")
    parser.add_argument("--rounds", type=int, default=25, help="measurements of each, at most")
    return parser, parser.parse_args()


def main():
    parser, options = parse_options()
    cpu = options.cpu if options.cpu is not None else max(os.sched_getaffinity(0))
    try:
        os.sched_setaffinity(0, {cpu})
        listing = subprocess.run([options.build / "bench" / "heed-bench", "--list-workloads"],
                                 check=True, capture_output=True, text=True).stdout
        heed = Heed(str(options.build / "libheed.so"))
    except (OSError, subprocess.CalledProcessError) as error:
        parser.error(str(error))
    workloads = {w["name"]: w for w in json.loads(listing)}
    unknown = [name for name in options.workloads if name not in workloads]
    if unknown:
        parser.error(f"unknown workload {unknown[0]}; known: {', '.join(workloads)}")

    result = None
    if options.into:
        try:
            result = peer_result.load(options.into)
        except peer_result.BadResult as error:
            parser.error(str(error))

    libraries, versions = installed()
    print(f"heed: {heed.isa()} kernels; core {cpu}; milliseconds, median; ratio: best peer / heed")
    print(" ".join([f"{'workload':14}", " GFLOP/s", *(f"{x:>12}" for x in ["heed", *libraries]),
                    "   ratio"]))
    for name in options.workloads or workloads:
        row = compare(heed, libraries, workloads[name], options)
        print_row(workloads[name], row, libraries)
        if result:
            into_result(result, workloads[name], row, versions, heed.isa())
            peer_result.save(result, options.into)


if __name__ == "__main__":
    main()
