"""Where to go after the login: somewhere here, whatever the address says."""

from __future__ import annotations

from urllib.parse import urlsplit

HOME = "/"
_MOST = 2000


def local_path(wanted: str | None) -> str:
    """`wanted`, if it is a path on this host, with its query; else the first page.

    Browsers read `//host` and `/\\host` as another host, and drop tabs and line breaks before they look.
    """
    if not wanted or len(wanted) > _MOST or not wanted.isascii():
        return HOME
    if any(letter <= " " or letter in '\\"<>\x7f' for letter in wanted):
        return HOME
    if not wanted.startswith("/") or wanted.startswith("//"):
        return HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return HOME
    return HOME if parts.scheme or parts.netloc else wanted
