"""Where a service listens, by which names it may be called, and which proxies it believes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from workbench.settings import WorkbenchSettings, allowed_hosts


@dataclass(frozen=True, kw_only=True, slots=True)
class Listening:
    """`names` are those of a reverse proxy in front, `proxies` the addresses and networks of such."""

    host: str = "127.0.0.1"
    port: int
    names: Sequence[str] = ()
    proxies: Sequence[str] = ()

    def guarded(self, app: ASGIApp) -> ASGIApp:
        """The app, but for requests that call it by another name."""
        return TrustedHostMiddleware(app, allowed_hosts=allowed_hosts(self.host, self.names))

    @property
    def forwarding(self) -> dict[str, Any]:
        """uvicorn's options: whose word about a caller's address and scheme is taken. By default it believes 127.0.0.1,
        which is anybody on this machine."""
        return {"proxy_headers": bool(self.proxies), "forwarded_allow_ips": list(self.proxies)}


def listening(settings: WorkbenchSettings, host: str, port: int) -> Listening:
    return Listening(host=host, port=port, names=settings.host_names, proxies=settings.proxies)
