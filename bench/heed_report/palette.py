# SPDX-License-Identifier: MIT
"""palette - the colours of pages and pictures, light and dark.

Pictures are drawn with the light colours, each of which has one role; in a page
each becomes the CSS variable of its role.  Hues after Okabe and Ito (2008), apart
for the colour-blind; markers differ as well.
"""
ROLES = {
    "paper": ("#fcfcfb", "#14171c"), "card": ("#ffffff", "#1b1f26"), "ink": ("#1b1f24", "#e8eaed"),
    "soft": ("#5b6470", "#9aa4b1"), "line": ("#dde1e6", "#323944"), "band": ("#eceff3", "#232932"),
    "plain": ("#6b7480", "#8d97a5"), "blue": ("#0068b4", "#5cb4f2"),
    "orange": ("#c25a00", "#ff9d57"), "green": ("#007f5f", "#3fcf9f"),
    "purple": ("#a8488a", "#e79acb"), "gold": ("#8a6c00", "#e3bf45"),
    "sky": ("#3d93ba", "#9bdcf7"), "brown": ("#80573c", "#cfa88c"),
}
LIGHT = {role: light for role, (light, _) in ROLES.items()}

_RUNGS = {"scalar": "plain", "sse2": "gold", "neon32": "gold", "avx2": "blue", "neon": "blue",
          "avx512": "orange", "sve256": "orange", "amx": "purple", "sve512": "purple",
          "avx512bf16": "sky", "neonbf16": "green", "sve256bf16": "sky", "sve512bf16": "brown"}
_MARKERS = {"plain": "o", "gold": "^", "blue": "o", "orange": "s", "purple": "D", "green": "v",
            "sky": "P", "brown": "X"}
SERIES = ("blue", "orange", "green", "purple", "gold", "sky", "brown")


def color(role):
    return LIGHT[role]


def rung(isa):
    """The colour of an instruction set, the same in every picture."""
    return LIGHT[_RUNGS.get(isa, "green")]


def rung_role(isa):
    return _RUNGS.get(isa, "green")


def rung_marker(isa):
    return _MARKERS[_RUNGS.get(isa, "green")]


def series(index):
    """The colour of the index-th of things without an order."""
    return LIGHT[SERIES[index % len(SERIES)]]


def series_marker(index):
    return _MARKERS[SERIES[index % len(SERIES)]]
