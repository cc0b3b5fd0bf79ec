"""What only the top floor needs from the environment: the language model to ask, and where the services listen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.settings import read_settings

LOCAL_PREFIX = "local:"
_OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HOST_NAME = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


class LlmApi(StrEnum):
    """The ways to ask a language model; `auto` finds out which one an endpoint speaks."""

    AUTO = "auto"
    DECISIONS = "decisions"
    SYSTEMONE = "systemone"
    CHAT = "chat"


class WorkbenchSettings(BaseSettings):
    """`WORKBENCH_LLM_*`, `WORKBENCH_ZERO_SHOT_MODEL`, `WORKBENCH_UI_*`, `WORKBENCH_API_*`, `WORKBENCH_MLFLOW_PORT`,
    `WORKBENCH_MLFLOW_URL`, `WORKBENCH_SESSION_*`, `WORKBENCH_ALLOWED_HOSTS`, `WORKBENCH_TRUSTED_PROXIES` and
    `WORKBENCH_UPLOAD_LIMIT_MB`.

    `llm_model` may be `local:NAME`, which needs no address. Prices are US dollars per million tokens and are only
    needed for models whose price is not known here. `zero_shot_model` is a folder or a name on the hub. Hosts are the
    names that people write into their browsers (`labels.shop.example`, `*.shop.example`), proxies the addresses or
    networks of reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; both are separated by
    commas. `mlflow_url` is where browsers find MLflow's pages.
    """

    model_config = SettingsConfigDict(env_prefix="WORKBENCH_", env_file=".env", extra="ignore", frozen=True)

    llm_base_url: str = ""
    llm_model: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_api: LlmApi = LlmApi.AUTO
    llm_concurrency: int = Field(default=8, ge=1, le=256)
    llm_timeout: float = Field(default=60.0, gt=0, le=3600)
    llm_input_price: float | None = Field(default=None, ge=0)
    llm_output_price: float | None = Field(default=None, ge=0)
    zero_shot_model: str = ""
    ui_host: str = "127.0.0.1"
    ui_port: int = Field(default=7860, ge=0, le=65535)
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8000, ge=0, le=65535)
    mlflow_port: int = Field(default=5000, ge=0, le=65535)
    mlflow_url: str = ""
    session_idle_hours: float = Field(default=12.0, gt=0, le=24 * 365)
    session_max_days: float = Field(default=7.0, gt=0, le=365)
    allowed_hosts: str = ""
    trusted_proxies: str = ""
    upload_limit_mb: int = Field(default=100, ge=1, le=10_000)

    @field_validator("llm_base_url", "mlflow_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        stripped = url.strip().rstrip("/")
        if not stripped:
            return ""
        parts = urlsplit(stripped)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("an address such as http://127.0.0.1:8080/v1")
        return stripped

    @field_validator("llm_model", "zero_shot_model")
    @classmethod
    def _stripped(cls, model: str) -> str:
        return model.strip()

    @field_validator("allowed_hosts")
    @classmethod
    def _host_names(cls, hosts: str) -> str:
        if not all(_HOST_NAME.fullmatch(host) for host in _listed(hosts)):
            raise ValueError("names of hosts without a port, separated by commas, such as labels.shop.example")
        return hosts

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: str) -> str:
        try:
            for proxy in _listed(proxies):
                ip_network(proxy, strict=False)
        except ValueError:
            raise ValueError("addresses or networks, separated by commas, such as 10.0.0.7 or 10.0.0.0/24") from None
        return proxies

    @property
    def host_names(self) -> list[str]:
        """The names by which people call the services, where they are set."""
        return _listed(self.allowed_hosts)

    @property
    def proxies(self) -> list[str]:
        """The addresses and networks of reverse proxies."""
        return _listed(self.trusted_proxies)

    @property
    def local_model(self) -> str | None:
        """The name of the model to run in this process, if that is what `WORKBENCH_LLM_MODEL` asks for."""
        return self.llm_model.removeprefix(LOCAL_PREFIX) if self.llm_model.startswith(LOCAL_PREFIX) else None

    @property
    def llm_address(self) -> str:
        """The language model's address for people to read: without a name and password that it may hold."""
        parts = urlsplit(self.llm_base_url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))

    @property
    def missing_for_llm(self) -> str | None:
        """The variable that has to be set before a language model can be asked, or None."""
        if self.local_model is not None:
            return None if self.local_model else "WORKBENCH_LLM_MODEL"
        if not self.llm_base_url:
            return "WORKBENCH_LLM_BASE_URL"
        return None if self.llm_model else "WORKBENCH_LLM_MODEL"


def is_loopback(host: str) -> bool:
    """Whether a service that listens on `host` can be reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def allowed_hosts(host: str, named: Sequence[str] = ()) -> list[str]:
    """The names that requests may address a service by which listens on `host`.

    Those that are `named`, this machine's own, and `host`. Where none is named, a service on loopback answers to its
    own only, so that a website whose name is made to point here gets no answer (DNS rebinding); one that is open to
    others is called by names we cannot know.
    """
    if not named and not is_loopback(host):
        return ["*"]
    own = f"[{host}]" if ":" in host else host
    return [*_OWN_NAMES, *named] if own in _OWN_NAMES else [*_OWN_NAMES, own, *named]


def load_workbench_settings() -> WorkbenchSettings:
    """Raises UserError naming the variable and its value."""
    return read_settings(WorkbenchSettings)


def _listed(commas: str) -> list[str]:
    return [part.strip() for part in commas.split(",") if part.strip()]
