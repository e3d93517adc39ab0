"""Static files from memory: packed once, when first asked for, and kept by browsers for as long as their version."""

import asyncio
import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Response

from tradershub.domain.errors import RequestRefused
from tradershub.web.access import Access
from tradershub.web.requests import HubRequest

_FOREVER: Final = "public, max-age=31536000, immutable"
_SMALLEST_PACKED: Final = 1024
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    media_type: str
    plain: bytes
    packed: bytes | None


class StaticFiles:
    """The files of one folder, by the names found there at start: no path of a request ever reaches the disk."""

    def __init__(self, folder: Path) -> None:
        self._paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        self._files: dict[str, StaticFile] = {}

    async def file(self, name: str) -> StaticFile | None:
        found = self._files.get(name)
        if found is None and name in self._paths:
            found = await asyncio.to_thread(_read, self._paths[name])
            self._files[name] = found
        return found


def static_routes(files: StaticFiles) -> tuple[HTTPRouteHandler, ...]:
    async def answer(request: HubRequest, name: str, version: str | None) -> Response[Any]:
        file = await files.file(name)
        if file is None:
            raise RequestRefused(404, "not_found", "there is no such file")
        headers = {"cache-control": _FOREVER if version else "no-cache", "vary": "accept-encoding"}
        body = file.plain
        if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["content-encoding"] = file.packed, "gzip"
        return Response(body, media_type=file.media_type, headers=headers)

    @get("/static/{name:path}", opt={"access": Access.PUBLIC})
    async def static_file(request: HubRequest, name: FromPath[Path]) -> Response[Any]:
        return await answer(request, name.as_posix().lstrip("/"), request.query_params.get("v"))

    @get("/favicon.ico", opt={"access": Access.PUBLIC})
    async def favicon(request: HubRequest) -> Response[Any]:
        return await answer(request, "img/icon.svg", None)

    return static_file, favicon


def _read(path: Path) -> StaticFile:
    plain = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(plain, 9, mtime=0) if len(plain) >= _SMALLEST_PACKED else None
    return StaticFile(media_type=media_type, plain=plain, packed=packed)
