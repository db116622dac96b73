"""Static files under names that carry a digest of their content, so that browsers keep them."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from marketplace_web.places import templates_folder

# One sheet for one request, in the order of the cascade layers.
STYLESHEET = "souk.css"
SHEETS = ("tokens", "base", "layout", "components", "forms", "tables", "story", "finance", "print")
FOR_A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    address: str
    content: bytes
    compressed: bytes
    media_type: str


def url(name: str) -> str:
    """The address of a static file. An unknown name is a mistake in a template."""
    return f"/static/{_files()[name].address}"


async def serve(request: Request) -> Response:
    file = _by_address().get(request.path_params["address"])
    if file is None:
        raise HTTPException(404)
    headers = {"Cache-Control": FOR_A_YEAR, "Vary": "Accept-Encoding"}
    body = file.content
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = file.compressed
    return Response(body, media_type=file.media_type, headers=headers)


routes = [Route("/static/{address}", serve, name="static")]


@lru_cache
def _files() -> Mapping[str, StaticFile]:
    folder = templates_folder() / "static"
    files = {path.name: _read(path.name, path.read_bytes()) for path in _served(folder)}
    sheets = b"\n".join((folder / f"{sheet}.css").read_bytes() for sheet in SHEETS)
    return {**files, STYLESHEET: _read(STYLESHEET, sheets)}


@lru_cache
def _by_address() -> Mapping[str, StaticFile]:
    return {file.address: file for file in _files().values()}


def _served(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix in (".svg", ".js", ".png", ".woff2")]


def _read(name: str, content: bytes) -> StaticFile:
    stem, _, suffix = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:12]
    return StaticFile(
        address=f"{stem}-{digest}.{suffix}",
        content=content,
        compressed=gzip.compress(content, mtime=0),
        media_type=mimetypes.types_map.get(f".{suffix}", "application/octet-stream"),
    )
