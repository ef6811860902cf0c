#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""plot - pictures of a run of heed-bench.

    heed-bench --benchmark_filter=sweep --benchmark_out=run.json
    plot.py run.json --out pictures

Writes prefill.svg (rate over sequence length, the ceiling as a line) and
rows.svg (time over query rows against 4096 keys).  Needs matplotlib.
"""
import argparse
import json
import statistics
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

# Dark enough on white, apart for the colour-blind (Okabe and Ito 2008).
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def seconds(run, results):
    """By the clock that the rates of the run are of."""
    alone = results["context"].get("threads") == "1"
    return run["cpu_time" if alone else "real_time"] * 1e-9


def sweep(results, kind):
    """{isa: {number: median counters and time}} of the cases sweep/<kind>/<number>/<isa>."""
    runs = {}
    for run in results["benchmarks"]:
        parts = run["run_name"].split("/")
        if run.get("error_occurred") or run["run_type"] != "iteration":
            continue
        if parts[:2] == ["sweep", kind]:
            run["seconds"] = seconds(run, results)
            runs.setdefault(parts[3], {}).setdefault(int(parts[2]), []).append(run)
    return {isa: {n: median(runs[isa][n]) for n in sorted(runs[isa])} for isa in runs}


def median(runs):
    """The repetitions of a case as one: the median of each number."""
    names = [name for name in runs[0] if name in ("seconds", "GFLOP/s", "of_peak", "of_read")]
    return {name: statistics.median(run[name] for run in runs) for name in names}


def plot_prefill(axes, isas):
    for color, (isa, points) in zip(COLORS, isas.items()):
        ceiling = statistics.median(p["GFLOP/s"] / p["of_peak"] for p in points.values())
        axes.plot(list(points), [p["GFLOP/s"] for p in points.values()], "o-", color=color,
                  markersize=4, label=isa)
        axes.axhline(ceiling, color=color, linestyle="--", linewidth=1)
        axes.annotate(f"{isa}: FMA ceiling {ceiling:.0f}", (1, ceiling), (-4, 3), fontsize=8,
                      xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
                      color=color)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.set(xlabel="sequence length (1 head of 64 dims, no mask)", ylabel="GFLOP/s",
             title="Attention: rate over sequence length", ylim=(0, None))


def plot_rows(axes, isas):
    for color, (isa, points) in zip(COLORS, isas.items()):
        axes.plot(list(points), [p["seconds"] * 1e3 for p in points.values()], "o-",
                  color=color, markersize=3, label=isa)
        if "of_read" in points.get(1, {}):
            read = points[1]["seconds"] * 1e3 * points[1]["of_read"]
            axes.axhline(read, color=color, linestyle=":", linewidth=1)
    axes.set_yscale("log")
    axes.set_xticks([1, *range(16, 129, 16)])
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set(xlabel="query rows (32 heads over 8 of 4096 keys, 128 dims)", ylabel="ms",
             title="Attention: time over query rows (dotted: K and V read once)")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("json", type=Path, help="what heed-bench wrote to --benchmark_out")
    parser.add_argument("--out", type=Path, default=Path("."), help="directory for the pictures")
    parser.add_argument("--format", default="svg", choices=("svg", "png"))
    options = parser.parse_args()

    try:
        results = json.loads(options.json.read_text())
        options.out.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    for kind, plot in (("prefill", plot_prefill), ("rows", plot_rows)):
        isas = sweep(results, kind)
        if not isas:
            print(f"plot: no case sweep/{kind}/... in {options.json}", file=sys.stderr)
            continue
        figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
        plot(axes, isas)
        axes.grid(alpha=0.3)
        axes.legend()
        figure.savefig(options.out / f"{kind}.{options.format}", dpi=150)


if __name__ == "__main__":
    main()
