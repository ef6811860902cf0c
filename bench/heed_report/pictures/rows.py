# SPDX-License-Identifier: MIT
"""rows - time over the number of query rows: a cliff would show."""
from .. import figure, units, view
from ..palette import rung, rung_marker
from . import labels


def _curve(result, isa):
    cases = view.timed(view.heed_cases(result, "sweep_rows", isa=isa,
                                       threads=view.plain_threads(result)))
    return sorted((case for case in cases if case["shape"] and case["shape"]["q_rows"]),
                  key=lambda case: case["shape"]["q_rows"])


def _least(result, isa, case):
    """Seconds that the ceilings allow: reading its bytes, or computing, whichever is longer."""
    threads = view.plain_threads(result)
    read, fma = (view.roof(result, what, isa, threads) for what in ("read_memory", "fma"))
    bounds = [case["bytes"] / read] if read and case["bytes"] else []
    if fma and case["flop"]:
        bounds.append(case["flop"] / fma)
    return max(bounds, default=None)


def _draw_curve(axes, result, isa, cases):
    xs = [case["shape"]["q_rows"] for case in cases]
    ys = [case["median_seconds"] * 1e3 for case in cases]
    axes.plot(xs, ys, color=rung(isa))
    for x, y, case in zip(xs, ys, cases):
        figure.tip(axes.plot(x, y, rung_marker(isa), color=rung(isa), markersize=4.5)[0],
                   f"{isa}, {x} rows: {units.seconds(case['median_seconds'])}")
    least = [(x, bound * 1e3) for x, case in zip(xs, cases)
             if (bound := _least(result, isa, case))]
    if least:
        axes.plot(*zip(*least), color=rung(isa), linewidth=1.2, linestyle=(0, (1, 2)))


def _label_curves(axes, curves):
    ends = {}
    for isa, cases in curves.items():
        right = ends.setdefault(cases[-1]["shape"]["q_rows"], {})
        right[isa] = cases[-1]["median_seconds"] * 1e3
    for rows, heights in ends.items():
        for isas, height in labels.together(heights):
            axes.annotate(", ".join(isas), (rows, height), (8, 0), textcoords="offset points",
                          va="center", color=rung(isas[0]), fontweight="bold",
                          annotation_clip=False)


def _steepest(cases):
    """The largest time of one row more, over the time before: a cliff is far above 2."""
    steps = [(after["median_seconds"] / before["median_seconds"]
              / (after["shape"]["q_rows"] / before["shape"]["q_rows"]), before, after)
             for before, after in zip(cases, cases[1:])]
    factor, before, after = max(steps, key=lambda step: step[0])
    return (f"from {before['shape']['q_rows']} to {after['shape']['q_rows']} rows the time per row "
            f"changes {units.times(factor)}, its steepest step")


def draw(result):
    curves = {isa: _curve(result, isa) for isa in view.isas(result)}
    curves = {isa: cases for isa, cases in curves.items() if len(cases) > 1}
    if not curves:
        return None
    drawn, ((axes,),) = figure.new(4.8)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    for isa, cases in curves.items():
        _draw_curve(axes, result, isa, cases)
    _label_curves(axes, curves)
    axes.xaxis.set_major_formatter("{x:.0f}")
    figure.plain_log(axes.yaxis)
    shape = next(iter(curves.values()))[0]["shape"]
    axes.set(xlabel=f"query rows, against {shape['kv_rows']} keys; {shape['q_heads']} heads over "
                    f"{shape['kv_heads']}, {shape['dim']} dims", ylabel="milliseconds")
    return figure.Picture(
        "rows", "Time over query rows",
        "Few rows are bound by reading keys and values, many by arithmetic. Dotted: what the "
        "ceilings allow, the longer of the two. A jump in a curve would be a cliff.",
        "; ".join(f"{isa}: {_steepest(cases)}" for isa, cases in curves.items()) + ".", drawn)
