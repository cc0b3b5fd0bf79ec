"""What only the top floor needs from the environment: the language model to ask, and where the services listen."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.settings import read_settings

LOCAL_PREFIX = "local:"


class LlmApi(StrEnum):
    """The ways to ask a language model; `auto` finds out which one an endpoint speaks."""

    AUTO = "auto"
    DECISIONS = "decisions"
    SYSTEMONE = "systemone"
    CHAT = "chat"


class WorkbenchSettings(BaseSettings):
    """`WORKBENCH_LLM_*`, `WORKBENCH_UI_*`, `WORKBENCH_API_*` and `WORKBENCH_MLFLOW_PORT`.

    `llm_model` may be `local:NAME`, which needs no address. Prices are US dollars per million tokens and are only
    needed for models whose price is not known here.
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
    ui_host: str = "127.0.0.1"
    ui_port: int = Field(default=7860, ge=0, le=65535)
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8000, ge=0, le=65535)
    mlflow_port: int = Field(default=5000, ge=0, le=65535)

    @field_validator("llm_base_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        stripped = url.strip().rstrip("/")
        if not stripped:
            return ""
        parts = urlsplit(stripped)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("an address such as http://127.0.0.1:8080/v1")
        return stripped

    @field_validator("llm_model")
    @classmethod
    def _stripped(cls, model: str) -> str:
        return model.strip()

    @property
    def local_model(self) -> str | None:
        """The name of the model to run in this process, if that is what `WORKBENCH_LLM_MODEL` asks for."""
        return self.llm_model.removeprefix(LOCAL_PREFIX) if self.llm_model.startswith(LOCAL_PREFIX) else None

    @property
    def missing_for_llm(self) -> str | None:
        """The variable that has to be set before a language model can be asked, or None."""
        if self.local_model is not None:
            return None if self.local_model else "WORKBENCH_LLM_MODEL"
        if not self.llm_base_url:
            return "WORKBENCH_LLM_BASE_URL"
        return None if self.llm_model else "WORKBENCH_LLM_MODEL"


def allowed_hosts(host: str) -> list[str]:
    """The names that requests may address a service by which listens on `host`.

    On loopback only this machine's own, so that a website whose name is made to point here gets no answer (DNS
    rebinding); a service that is open to others is called by names we cannot know.
    """
    return ["127.0.0.1", "localhost"] if host in ("127.0.0.1", "localhost") else ["*"]


def load_workbench_settings() -> WorkbenchSettings:
    """Raises UserError naming the variable and its value."""
    return read_settings(WorkbenchSettings)
