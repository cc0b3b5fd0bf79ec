"""What a browser is told so that it keeps an answer as a file under a name, in any language."""

from __future__ import annotations

from urllib.parse import quote


def attachment(name: str) -> dict[str, str]:
    """Headers for a file called `name` (RFC 6266): plain letters for old clients, the real name encoded beside them."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in " ._-") else "_" for letter in name)
    return {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
