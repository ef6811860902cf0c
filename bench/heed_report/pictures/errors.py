# SPDX-License-Identifier: MIT
"""errors - the largest error of each case over its speed."""
from .. import figure, units, view
from ..palette import series, series_marker


EXACT = 1e-30  # errors below have no place on the axis: the result is that of double precision


def _dots(result):
    """(rate in flop/s, case) of attention on the widest instruction set, and of other libraries."""
    threads = view.plain_threads(result)
    cases = view.timed(view.heed_cases(result, "attention", isa=view.widest(result),
                                       threads=threads))
    cases += [case for case in view.peers(result) if case["threads"] == threads]
    return [(case["flop"] / case["median_seconds"], case) for case in cases
            if case["flop"] and (case["max_error"] or 0) > EXACT]


def _name(case):
    return case["dtype"] if case["library"] == "heed" else f"{case['library']}, {case['dtype']}"


def _draw_kind(axes, index, kind, dots):
    for i, (rate, case) in enumerate(dots):
        bound = case["error_bound"]
        if bound:
            axes.plot([rate / 1e9] * 2, [case["max_error"], bound], color=series(index),
                      linewidth=0.8, alpha=0.35)
            axes.plot(rate / 1e9, bound, "_", color=series(index), markersize=7, alpha=0.6)
        dot, = axes.plot(rate / 1e9, case["max_error"], series_marker(index), color=series(index),
                         label=None if i else kind)
        figure.tip(dot, f"{kind}, {case['workload']}: {units.rate(rate, 'flop')}, "
                        f"error {units.error(case['max_error'])}")


def draw(result):
    dots = _dots(result)
    if len(dots) < 2:
        return None
    kinds = {}
    for dot in dots:
        kinds.setdefault(_name(dot[1]), []).append(dot)
    drawn, ((axes,),) = figure.new(4.6)
    for i, (kind, mine) in enumerate(kinds.items()):
        _draw_kind(axes, i, kind, mine)
    axes.set_xscale("log")
    axes.set_yscale("log")
    figure.plain_log(axes.xaxis)
    axes.yaxis.set_major_formatter(lambda y, _: f"{y:.0e}")
    axes.yaxis.set_minor_formatter("")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=min(len(kinds), 6),
                borderaxespad=0.2, handletextpad=0.2, columnspacing=1.4)
    axes.set(xlabel="GFLOP/s", ylabel="largest error against double precision")
    spans = [f"{kind}: errors of "
             + units.span([case["max_error"] for _, case in mine], units.error)
             for kind, mine in kinds.items()]
    return figure.Picture(
        "errors", "Error against speed",
        f"Attention on {view.widest(result)}: right is faster, down is more exact. The line above "
        "a dot ends at the bound that the case is held to.", "; ".join(spans) + ".", drawn)
