# SPDX-License-Identifier: MIT
"""roofline - rates over intensity under what the CPU can compute and read.

After Williams, Waterman and Patterson, "Roofline: an insightful visual performance model for
multicore architectures", 2009.
"""
import math

from .. import figure, units, view
from ..palette import color, rung, rung_marker
from . import labels


def _dots(result, dtype):
    """(intensity, rate in flop/s, case) of attention in a type."""
    cases = view.timed(view.heed_cases(result, *view.ATTENTION, dtype=dtype,
                                       threads=view.plain_threads(result)))
    return [(case["flop"] / case["bytes"], case["flop"] / case["median_seconds"], case)
            for case in cases if case["flop"] and case["bytes"]]


def _draw_roof(axes, result, dtype, isa, left, right):
    """The flat roof of what computes, and the slope of memory that leads to it."""
    threads = view.plain_threads(result)
    flat = view.compute_roof(result, isa, threads, dtype)
    read = view.read_roof(result, "read_memory", isa, threads, dtype)
    if not flat:
        return None
    knee = min(max(flat / read, left), right) if read else left
    xs, ys = [knee, right], [flat, flat]
    if read and flat / read > left:
        xs, ys = [left, *xs], [left * read, *ys]
    axes.plot(xs, [y / 1e9 for y in ys], color=rung(isa), linewidth=1.6)
    return flat


def _label_roofs(axes, roofs, right):
    for isas, flat in labels.together(roofs):
        axes.annotate(f"{', '.join(isas)}: {units.rate(flat, 'flop')}", (right, flat / 1e9),
                      (-4, 4), ha="right", textcoords="offset points", color=rung(isas[0]),
                      fontsize=9.5, fontweight="bold")


def _draw_slopes(axes, result, dtype, isa, left, top):
    """What the caches could deliver to the widest instruction set: thin lines."""
    threads, labelled = view.plain_threads(result), []
    for what, words in (("read_memory", "memory"), ("read_l3", "L3"), ("read_l2", "L2"),
                        ("read_l1", "L1")):
        read = view.read_roof(result, what, isa, threads, dtype)
        if not read:
            continue
        end = top / read
        if what != "read_memory" and end > left:
            axes.plot([left, end], [left * read / 1e9, top / 1e9], color=color("plain"),
                      linewidth=0.8, linestyle=(0, (4, 3)))
        start = left * 1.15
        # Words fit between lines that are at least this far apart.
        if start < end and all(read > 1.6 * other for other in labelled):
            labelled.append(read)
            axes.text(start, 1.06 * start * read / 1e9, f"{words} {units.rate(read, 'bytes')}",
                      fontsize=8.5, color=color("soft"), rotation=_steepness(read),
                      rotation_mode="anchor", transform_rotates_text=True, va="bottom")


def _steepness(read):
    """Degrees, in the units of the axes, of the slope of memory; the axes make it what one sees."""
    return math.degrees(math.atan(read / 1e9))


def _describe(dots, roofs):
    parts = [f"{isa} computes at most {units.rate(flat, 'flop')}" for isa, flat in roofs.items()]
    best = max(dots, key=lambda dot: dot[1])
    parts.append(f"the fastest case, {best[2]['id']}, reaches {units.rate(best[1], 'flop')} at "
                 f"{units.digits(best[0])} operations per byte")
    return "; ".join(parts) + "."


def _draw_dot(axes, intensity, rate, case):
    packed = case["operation"] == "attention_packed"
    dot, = axes.plot(intensity, rate / 1e9, rung_marker(case["isa"]), color=rung(case["isa"]),
                     markerfacecolor=color("paper") if packed else rung(case["isa"]),
                     markersize=6, markeredgewidth=1.3)
    figure.tip(dot, f"{case['workload']}{', packed keys' if packed else ''}, {case['isa']}: "
                    f"{units.rate(rate, 'flop')}, {units.digits(intensity)} per byte")


def _draw(axes, result, dtype, dots):
    """Returns the flat roofs: {instruction set: rate}."""
    left, right = 0.5 * min(x for x, _, _ in dots), 2 * max(x for x, _, _ in dots)
    axes.set_xscale("log")
    axes.set_yscale("log")
    roofs = {isa: flat for isa in view.isas(result)
             if (flat := _draw_roof(axes, result, dtype, isa, left, right))}
    _label_roofs(axes, roofs, right)
    for dot in dots:
        _draw_dot(axes, *dot)
    top = max([*roofs.values(), *(y for _, y, _ in dots)])
    axes.set_xlim(left, right)
    axes.set_ylim(0.5 * min(y for _, y, _ in dots) / 1e9, 1.6 * top / 1e9)
    figure.plain_log(axes.xaxis)
    figure.plain_log(axes.yaxis)
    axes.set(xlabel="operations per byte of Q, K, V and the result, each read or written once",
             ylabel="GFLOP/s")
    widest = view.widest(result)
    _draw_slopes(axes, result, dtype, widest, left, top)
    labels.place(axes, [(x, y / 1e9, case["workload"]) for x, y, case in dots
                        if case["isa"] == widest and case["operation"] == "attention"])
    return roofs


def draw(result, dtype):
    dots = _dots(result, dtype)
    if not dots:
        return None
    drawn, ((axes,),) = figure.new(5.6)
    roofs = _draw(axes, result, dtype, dots)
    return figure.Picture(
        f"roofline-{dtype}", f"Under the roofs, {dtype}",
        f"Each dot is a case of attention in {dtype}: filled with natural keys, hollow with packed "
        "ones. Flat lines are what each instruction set can compute, with its multiply-add units "
        "or, for bf16, its matrix unit; the slope is what it can read of such numbers from "
        "memory; dashed, from the caches.",
        _describe(dots, roofs), drawn)
