"""What `draw.cell` and its kin return: shown by notebooks, saved as SVG, PNG or PDF."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

from nas_edu.draw import raster
from nas_edu.draw.shapes import Picture
from nas_edu.draw.svg import to_svg


class Drawing:
    """A picture that a notebook shows by itself.

        drawing = draw.cell(cell)
        drawing.save("cell.pdf")        # .svg, .png or .pdf

    A notebook keeps three versions: SVG, sharp at any size; PNG, for a notebook that is not trusted yet, where
    JupyterLab shows no SVG; and a sentence, for a terminal and for those who cannot see it.
    """

    def __init__(self, picture: Picture) -> None:
        self.picture = picture

    @property
    def svg(self) -> str:
        """The drawing as an SVG element."""
        return to_svg(self.picture)

    @property
    def png(self) -> bytes:
        """The drawing as a PNG file, at twice its size for sharp projectors."""
        return raster.render(self.picture, "png")

    def save(self, path: str | Path) -> Path:
        """Write the drawing to `path`; its ending says how. Raises ValueError for an ending other than these three."""
        path = Path(path)
        match path.suffix.lower():
            case ".svg":
                path.write_text(self.svg, encoding="utf-8")
            case ".png":
                path.write_bytes(self.png)
            case ".pdf":
                path.write_bytes(raster.render(self.picture, "pdf"))
            case other:
                raise ValueError(
                    f"a drawing is saved as .svg, .png or .pdf; {path.name!r} ends in {other or 'nothing'!r}"
                )
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
        data = {
            "image/svg+xml": self.svg,
            "image/png": b64encode(self.png).decode("ascii"),
            "text/plain": repr(self),
        }
        return data, {"image/png": {"width": round(self.picture.width), "height": round(self.picture.height)}}

    def __repr__(self) -> str:
        return f"{self.picture.title}: {self.picture.description}"
