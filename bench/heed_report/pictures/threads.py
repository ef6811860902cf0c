# SPDX-License-Identifier: MIT
"""threads - the same problem on more threads: strong scaling."""
from .. import figure, units, view
from ..palette import color, series, series_marker


def _curves(result):
    """{workload: [(threads, how many times the rate of one thread)]} on the widest."""
    cases = view.timed(view.heed_cases(result, "attention", dtype="f32",
                                       isa=view.widest(result)))
    curves = {}
    for case in cases:
        curves.setdefault(case["workload"], {})[case["threads"]] = case["median_seconds"]
    return {workload: [(n, times[1] / times[n]) for n in sorted(times)]
            for workload, times in curves.items() if len(times) > 1 and 1 in times}


def draw(result):
    curves = _curves(result)
    if not curves:
        return None
    drawn, ((axes,),) = figure.new(max(2.2, 0.9 + 0.3 * len(curves)))
    counts = sorted({n for curve in curves.values() for n, _ in curve if n > 1})
    for i, curve in enumerate(curves.values()):
        for n, speedup in curve:
            if n > 1:
                j = counts.index(n)
                dot, = axes.plot(speedup, i, series_marker(j), color=series(j), markersize=7)
                figure.tip(dot, f"{n} threads: {units.times(speedup)}")
    for j, n in enumerate(counts):
        axes.axvline(n, color=series(j), linewidth=1, linestyle=(0, (4, 3)))
        axes.plot([], [], series_marker(j), color=series(j), label=f"{n} threads")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=6, borderaxespad=0.2)
    axes.set_yticks(range(len(curves)), list(curves))
    axes.tick_params(axis="y", labelcolor=color("ink"))
    axes.set_ylim(len(curves) - 0.5, -0.5)
    axes.set_xlim(0, max(counts + [s for curve in curves.values() for _, s in curve]) * 1.06)
    axes.set_xlabel("times the rate of one thread")
    best = [max(s for m, s in curve if m > 1) for curve in curves.values()]
    return figure.Picture(
        "threads", "More threads",
        f"Attention in f32 on {view.widest(result)}; dashed, as many times the rate as threads. "
        "What is bound by memory ends where memory does.",
        f"The best counts of threads give {units.span(best, units.times)} the rate of one.", drawn)
