"""Whether a plot can be read from the last row: large enough, nothing cut off, no two texts on each other."""

import itertools

from matplotlib.text import Text
from matplotlib.transforms import Bbox


def extent(text: Text) -> Bbox:
    """The box of the words alone, without the line that leads to a label."""
    return Text.get_window_extent(text).padded(-1)


def visible_texts(plot) -> list[Text]:
    """All texts but the ticks beyond the limits of their axis, which matplotlib keeps and does not draw."""
    hidden = {
        label
        for axes in plot.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    drawn = [text for text in plot.findobj(Text) if text.get_visible() and text.get_text()]
    return [text for text in drawn if text not in hidden]


def assert_legible(plot) -> None:
    plot.draw_without_rendering()
    texts = visible_texts(plot)
    for text in texts:
        assert text.get_fontsize() >= 13, text
        box = extent(text)
        assert min(box.x0, box.y0) >= 0, text
        assert box.x1 <= plot.bbox.x1, text
        assert box.y1 <= plot.bbox.y1, text
    for a, b in itertools.combinations(texts, 2):
        assert not extent(a).overlaps(extent(b)), (a, b)
