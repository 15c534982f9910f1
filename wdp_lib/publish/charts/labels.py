"""Names beside the points of a chart, none over another."""

from __future__ import annotations

import numpy as np

SIZE, AWAY = 8, (5, 12, 22, 34)  # size of letters; how far a name may stand, in points


def place_names(
    axes, points: np.ndarray, names: list[str], above: np.ndarray, colours: list[str]
) -> None:
    """Write a name beside each point, where there is room; a far one has a line to its point.

    ``points`` (shape (n, 2)): where they are, in the units of the axes, whose limits are set here
    for good. ``above``: which names are better above than below.
    """
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=2, foreground="white")]  # names stay legible on a line
    axes.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())
    scale = 72 / axes.figure.dpi
    places = axes.transData.transform(points) * scale
    (left, low), (right, high) = axes.get_window_extent().get_points() * scale
    taken = [(x - 2, y - 2, x + 2, y + 2) for x, y in places]
    for (x, y), point, name, up, colour in zip(places, points, names, above, colours, strict=True):
        wide = _width(axes, name)
        boxes = [(*_box(x, y, wide, *one), one) for one in _offsets(bool(up))]
        inside = [
            b for b in boxes if b[0] >= left and b[2] <= right and b[1] >= low and b[3] <= high
        ]
        box = min(inside or boxes, key=lambda one: sum(_over(one, other) for other in taken))
        taken.append(box[:4])
        dx, dy = box[4]
        look = {"ha": "left" if dx > 0 else "right", "va": "bottom" if dy > 0 else "top"}
        if abs(dy) > AWAY[0]:
            look["arrowprops"] = {"arrowstyle": "-", "linewidth": 0.5, "color": colour}
        settings = {"textcoords": "offset points", "fontsize": SIZE, "color": colour}
        axes.annotate(name, point, xytext=(dx, dy), path_effects=halo, **settings, **look)


def _offsets(up: bool) -> list[tuple[int, int]]:
    """Places beside a point, the best first: right before left, near before far."""
    signs = (1, -1) if up else (-1, 1)
    return [(side * 5, sign * far) for far in AWAY for sign in signs for side in (1, -1)]


def _width(axes, name: str) -> float:
    from matplotlib.textpath import TextPath

    return TextPath((0, 0), name, size=SIZE).get_extents().width + 2


def _box(x: float, y: float, wide: float, dx: int, dy: int) -> tuple[float, float, float, float]:
    left = x + dx if dx > 0 else x + dx - wide
    low = y + dy if dy > 0 else y + dy - 1.3 * SIZE
    return left, low, left + wide, low + 1.3 * SIZE


def _over(one, other) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(high, 0.0)
