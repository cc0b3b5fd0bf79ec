"""What this installation is set up as, for people to read: never a key, never a password."""

from __future__ import annotations

import platform
from importlib.metadata import version

from sqlalchemy.engine import make_url

from db.settings import Settings
from workbench.settings import WorkbenchSettings

_SHOWN = ("feedback-workbench", "gradio", "mlflow", "torch", "transformers")


def installation(settings: Settings, own: WorkbenchSettings) -> dict[str, str]:
    """By the variable that sets it, or the name of what it is; what is not set is empty."""
    return {
        "WORKBENCH_HOME": str(settings.home),
        "WORKBENCH_DATABASE_URL": _without_password(settings.database),
        "WORKBENCH_MLFLOW_URI": _without_password(settings.mlflow),
        "WORKBENCH_EMBEDDER": settings.embedder,
        "WORKBENCH_ZERO_SHOT_MODEL": own.zero_shot_model,
        "WORKBENCH_LLM_BASE_URL": own.llm_address,
        "WORKBENCH_LLM_MODEL": own.llm_model,
        "WORKBENCH_LLM_API": own.llm_api.value,
        "WORKBENCH_LLM_API_KEY": "•••" if own.llm_api_key.get_secret_value() else "",
        "WORKBENCH_UI": f"{own.ui_host}:{own.ui_port}",
        "WORKBENCH_API": f"{own.api_host}:{own.api_port}",
        "WORKBENCH_ALLOWED_HOSTS": own.allowed_hosts,
        "WORKBENCH_UPLOAD_LIMIT_MB": str(own.upload_limit_mb),
        "Python": platform.python_version(),
        **{name: version(name) for name in _SHOWN},
    }


def _without_password(address: str) -> str:
    return make_url(address).render_as_string(hide_password=True)
