# SPDX-License-Identifier: MIT
"""prefill - rate over sequence length; the top of each axis is the ceiling."""
from .. import figure, units, view
from ..palette import color, rung, rung_marker


def _curve(result, isa):
    """[(length, rate, ceiling, case)], ascending."""
    cases = view.timed(view.heed_cases(result, "sweep_prefill", isa=isa,
                                       threads=view.plain_threads(result)))
    points = [(case["shape"]["kv_rows"], case["rate"], view.ceiling_rate(case, result), case)
              for case in cases if case["shape"] and case["shape"]["kv_rows"]]
    return sorted(points, key=lambda point: point[0])


def _draw_curve(axes, isa, curve):
    ceiling = view.median(c for _, _, c, _ in curve if c)
    scale = 100 / ceiling if ceiling else 1e-9
    xs, ys = [n for n, *_ in curve], [rate * scale for _, rate, *_ in curve]
    axes.plot(xs, ys, color=rung(isa))
    for x, y, (_, rate, _, _) in zip(xs, ys, curve):
        figure.tip(axes.plot(x, y, rung_marker(isa), color=rung(isa))[0],
                   f"{isa}, {x} keys: {units.rate(rate, 'flop')}"
                   + (f", {y:.0f} % of the ceiling" if ceiling else ""))
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.set_xlabel("sequence length")
    if not ceiling:
        axes.set_title(isa)
        axes.set_ylim(0, None)
        axes.set_ylabel("GFLOP/s")
        return
    axes.set_title(f"{isa}: 100 % is {units.rate(ceiling, 'flop')}")
    axes.set_ylim(0, max(100, *ys))
    axes.set_yticks(range(0, 101, 20), [f"{share} %" for share in range(0, 101, 20)])
    axes.axhline(100, color=rung(isa), linewidth=2.5)
    best = max(range(len(ys)), key=ys.__getitem__)
    axes.annotate(units.rate(curve[best][1], "flop"), (xs[best], ys[best]), (0, 7),
                  textcoords="offset points", ha="right" if best else "left", fontsize=9,
                  color=color("ink"))


def draw(result):
    curves = {isa: _curve(result, isa) for isa in view.isas(result)}
    curves = {isa: curve for isa, curve in curves.items() if len(curve) > 1}
    if not curves:
        return None
    columns = 2 if len(curves) in (2, 4) else min(len(curves), 3)
    lines = -(-len(curves) // columns)
    drawn, grid = figure.new(0.4 + 3.1 * lines, lines, columns)
    places = [axes for line in grid for axes in line]
    for axes, (isa, curve) in zip(places, curves.items()):
        _draw_curve(axes, isa, curve)
    for axes in places[len(curves):]:
        axes.set_visible(False)
    best = {isa: max(curve, key=lambda point: point[1]) for isa, curve in curves.items()}
    shape = next(iter(curves.values()))[0][3]["shape"]
    return figure.Picture(
        "prefill", "Rate over sequence length",
        f"Attention of as many query rows as keys, {shape['q_heads']} head"
        f"{'s' if shape['q_heads'] > 1 else ''} of {shape['dim']} dims. The top of each axis is "
        "the multiply-add ceiling of that instruction set.",
        "; ".join(f"{isa} is fastest at {n} keys with {units.rate(rate, 'flop')}"
                  for isa, (n, rate, _, _) in best.items()) + ".", drawn)
