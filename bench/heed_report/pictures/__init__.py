# SPDX-License-Identifier: MIT
"""pictures - one file for each kind.

Each has draw(...), which returns a Picture, or None where the results lack what it shows.
"""
import matplotlib

from .. import view
from ..figure import STYLE
from . import errors, ladder, machines, prefill, roofline, rows, strips, threads


def of_result(result):
    """The pictures of one run: {kind: [Picture]}, in the order of a page."""
    kinds = {
        "ladder": [ladder.draw(result, dtype) for dtype in view.dtypes(result)],
        "roofline": [roofline.draw(result, dtype) for dtype in view.dtypes(result)],
        "prefill": [prefill.draw(result)],
        "rows": [rows.draw(result)],
        "errors": [errors.draw(result)],
        "threads": [threads.draw(result)],
        "strips": [strips.draw(result, isa) for isa in view.isas(result)],
    }
    return {kind: [picture for picture in drawn if picture] for kind, drawn in kinds.items()}


def draw_result(result):
    """None of them where times are hidden: an emulator's say nothing."""
    if result["machine"]["emulation"]:
        return {}
    with matplotlib.rc_context(STYLE):
        return of_result(result)


def draw_together(results, names):
    """Several machines in one picture, or None."""
    if len(results) < 2 or any(result["machine"]["emulation"] for result in results):
        return None
    with matplotlib.rc_context(STYLE):
        return machines.draw(results, names)
