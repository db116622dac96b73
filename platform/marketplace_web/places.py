"""Where the words and styles are."""

from functools import lru_cache
from pathlib import Path


@lru_cache
def templates_folder() -> Path:
    """Beside the package once installed, at the root of the checkout otherwise."""
    here = Path(__file__).resolve()
    for parent in here.parents[1:3]:
        if (parent / "templates" / "layout" / "base.html").is_file():
            return parent / "templates"
    raise FileNotFoundError(f"no templates/ beside {here.parents[1]} or {here.parents[2]}")
