#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""peers - heed beside other attention libraries: same numbers, same core, one thread each.

Reads the workloads from heed-bench, makes each one's tensors once, hands them
to heed and to each library that is installed (pip install numpy ml_dtypes torch
onnx onnxruntime openvino; each optional but NumPy, and ml_dtypes for bf16),
compares the results with heed's and times them in turn, so that a slow moment
hits all of them.  Tensors stand where NumPy's memory does.
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

import peer_medians
import peer_result
from heed_ctypes import Heed
from peer_heed import heed_attention
from peer_libraries import PEERS
from peer_measure import median, samples_of
from peer_problem import ROUNDOFF, Problem, Unsupported, element


def prepared(ways, problem, expected, say):
    """The calls of one library that give heed's result, by name, with error and its bound."""
    found = {}
    for way in ways:
        try:
            compute, result = way(problem)
            compute()
            result = result()
        except Unsupported:
            continue
        except Exception as error:  # whatever a library throws: it is the report
            say(way.__name__, str(error).strip().partition("\n")[0][:200])
            continue
        distance = problem.distance(result, expected)
        # Not "> 1": NaN has to fail.
        if not distance <= 1:
            say(way.__name__,
                f"differs from heed by {distance:.2g} times what rounding explains, left out")
        else:
            found[way.__name__] = compute, problem.largest_error(result)
    return found


def compare(heed, libraries, problem, options):
    """Of the fastest way to call each library: its rounds, and its largest error with the bound."""
    name, said = problem.workload["name"], options.said

    def say(way, words):
        """What is wrong with a way, the same not of every workload."""
        if (way, words) not in said:
            print(f"  {name}: {way}: {words}", file=sys.stderr)
        said.add((way, words))

    computes = {}
    computes["heed"], result = heed_attention(heed, problem)
    error, bound = problem.largest_error(result())
    if not error <= bound:
        sys.exit(f"peers: {name}: heed is off by {error:.2g}, rounding explains {bound:.2g}")
    errors, library_of = {"heed": (error, bound)}, {"heed": "heed"}
    for library, ways in libraries.items():
        found = prepared(ways, problem, result(), say)
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


def into_result(result, problem, row, versions, isa):
    """Under the names of the modules: torch, not pytorch."""
    for library, (samples, errors) in row.items():
        if library != "heed":
            peer_result.add(result, peer_result.case_of(
                result, problem, PEERS[library][0], versions[library], isa, samples, errors))


def parse_options():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", help="names; default: all")
    parser.add_argument("--build", type=Path, default=root / "build",
                        help="build directory with libheed.so and bench/heed-bench")
    parser.add_argument("--type", choices=ROUNDOFF, default="f32",
                        help="of queries, keys, values, biases and results")
    parser.add_argument("--cpu", type=int, help="core to stay on; default: one that is allowed")
    parser.add_argument("--seconds", type=float, default=5, help="at most, per workload")
    parser.add_argument("--rounds", type=int, default=25, help="measurements of each, at most")
    parser.add_argument("--into", type=Path, metavar="RESULT.JSON",
                        help="a result of heed-bench --report that gets the peers' figures")
    parser.add_argument("--save", type=Path, metavar="MEDIANS.JSON",
                        help="a file of medians that gets this run as one more; see peers_table.py")
    parser.set_defaults(said=set())
    return parser, parser.parse_args()


def load_files(parser, options):
    """What --into and --save name, or None."""
    try:
        return (options.into and peer_result.load(options.into),
                options.save and peer_medians.load(options.save))
    except (peer_result.BadResult, peer_medians.BadMedians) as error:
        parser.error(str(error))


def main():
    parser, options = parse_options()
    cpu = options.cpu if options.cpu is not None else max(os.sched_getaffinity(0))
    try:
        element(options.type)
        os.sched_setaffinity(0, {cpu})
        listing = subprocess.run([options.build / "bench" / "heed-bench", "--list-workloads"],
                                 check=True, capture_output=True, text=True).stdout
        heed = Heed(str(options.build / "libheed.so"))
    except (OSError, ImportError, subprocess.CalledProcessError) as error:
        parser.error(str(error))
    workloads = {w["name"]: w for w in json.loads(listing)}
    unknown = [name for name in options.workloads if name not in workloads]
    if unknown:
        parser.error(f"unknown workload {unknown[0]}; known: {', '.join(workloads)}")
    result, medians = load_files(parser, options)

    libraries, versions = installed()
    print(f"heed: {heed.isa()} kernels, {options.type}; core {cpu}; milliseconds, median; "
          "ratio: best peer / heed")
    print(" ".join([f"{'workload':14}", " GFLOP/s", *(f"{x:>12}" for x in ["heed", *libraries]),
                    "   ratio"]))
    run = peer_medians.Run(options.type, heed, versions)
    for name in options.workloads or workloads:
        problem = Problem(workloads[name], options.type)
        row = compare(heed, libraries, problem, options)
        print_row(workloads[name], row, libraries)
        run.add(name, {library: median(samples) for library, (samples, _) in row.items()})
        if result:
            into_result(result, problem, row, versions, heed.isa())
            peer_result.save(result, options.into)
        if options.save:
            peer_medians.save(medians, run, options.save)


if __name__ == "__main__":
    main()
