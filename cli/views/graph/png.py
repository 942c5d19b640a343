"""A picture as PNG: its SVG, drawn with the fonts that come with the program.

The only importer of the renderer. No font of the machine is looked at, so that the drawing is the
same everywhere.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from autodiff.errors import UsageError
from cli.views.graph import svg
from cli.views.graph.layout import INSTALL

if TYPE_CHECKING:
    from autodiff.picture import Picture

FONTS = ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf")
ZOOM = 2.0  # pixels of the file for one of the drawing: sharp where screens are
LARGEST = 16_000.0  # pixels on a side; what is larger is drawn smaller


def render(picture: Picture, *, backward: bool) -> bytes:
    """The whole drawing. Raises UsageError without the renderer."""
    try:
        import resvg_py
    except ImportError as error:
        raise UsageError("PNG needs resvg-py, which is not installed", INSTALL) from error
    drawing = svg.Drawing(picture, backward=backward)
    text = drawing.svg(svg.plain_style())
    zoom = min(ZOOM, LARGEST / max(drawing.size))
    folder = resources.files("cli.views.graph") / "fonts"
    with resources.as_file(folder) as fonts:
        found = resvg_py.svg_to_bytes(
            svg_string=text,
            zoom=zoom,
            skip_system_fonts=True,
            font_files=[str(fonts / name) for name in FONTS],
            font_family="DejaVu Sans Mono",
        )
    return bytes(found)
