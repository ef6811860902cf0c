# SPDX-License-Identifier: MIT
"""labels - words beside dots, as many as fit without touching each other."""
from matplotlib.transforms import Bbox

from ..palette import color

# Offsets in points, and how the words hang on them: tried in this order.
PLACES = ((6, 0, "left", "center"), (-6, 0, "right", "center"), (0, 6, "center", "bottom"),
          (0, -6, "center", "top"), (5, 5, "left", "bottom"), (5, -5, "left", "top"),
          (-5, 5, "right", "bottom"), (-5, -5, "right", "top"))


# Lines that pass behind words do not strike them through.
PAPER = {"facecolor": color("paper"), "alpha": 0.85, "linewidth": 0, "pad": 0.6}


def _boxes(text, renderer, pieces=6):
    """Where words stand; those on a slope, rising, as a row of small boxes."""
    whole = text.get_window_extent(renderer)
    if not text.get_rotation():
        return [whole]
    x, y, width, height = whole.x0, whole.y0, whole.width / pieces, whole.height / pieces
    return [Bbox.from_bounds(x + i * width, y + i * height, width, height) for i in range(pieces)]


def together(values, near=1.12):
    """{name: height} as [([names], height of the first)] from the top down: names of lines that
    nearly coincide on an axis with a logarithmic scale share a place."""
    groups = []
    for name, height in sorted(values.items(), key=lambda item: -item[1]):
        if groups and groups[-1][1] < near * height:
            groups[-1][0].append(name)
        else:
            groups.append(([name], height))
    return groups


def place(axes, points, fontsize=8.5):
    """points: (x, y, words), the most important first; what finds no place is left out."""
    canvas_figure = axes.figure
    canvas_figure.draw_without_rendering()  # so that the layout is known
    renderer = canvas_figure._get_renderer()  # the public way to one needs a canvas of its own
    inside = axes.get_window_extent(renderer)
    taken = [box for text in axes.texts for box in _boxes(text, renderer)]
    dots = axes.transData.transform([point[:2] for point in points]) if points else []
    for x, y, words in points:
        for dx, dy, ha, va in PLACES:
            note = axes.annotate(words, (x, y), (dx, dy), textcoords="offset points", ha=ha, va=va,
                                 fontsize=fontsize, color=color("ink"), bbox=PAPER)
            box = note.get_window_extent(renderer).padded(1)
            free = (inside.contains(box.x0, box.y0) and inside.contains(box.x1, box.y1)
                    and not any(box.overlaps(other) for other in taken)
                    and not any(box.contains(*dot) for dot in dots))
            if free:
                taken.append(box)
                break
            note.remove()
