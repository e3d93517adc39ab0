"""Whether a request that changes something really comes from one of our own pages."""

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

FORM_FIELD = "_csrf_token"
HEADER = "x-csrf-token"


def comes_from_here(headers: Mapping[str, str]) -> bool:
    """Say whether the browser vouches for it: `Sec-Fetch-Site: same-origin`, else an Origin that is our Host."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return _origin_matches(headers)


def may_be_foreign(headers: Mapping[str, str]) -> bool:
    """Say whether a browser sent this from another site; a program that is no browser says nothing about it."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in ("same-origin", "none")
    return origin is not None and not _origin_matches(headers)


def is_right(expected: str, given: str | None) -> bool:
    return bool(expected) and given is not None and hmac.compare_digest(expected.encode(), given.encode())


def _origin_matches(headers: Mapping[str, str]) -> bool:
    origin, host = headers.get("origin"), headers.get("host")
    if not origin or not host:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
