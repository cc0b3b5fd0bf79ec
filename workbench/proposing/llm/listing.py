"""Which models an endpoint serves."""

from __future__ import annotations

from db.errors import UserError

_TIMEOUT_S = 15.0
_SHOWN = 8


def only_model(base_url: str, api_key: str) -> str:
    """The one model that `base_url` serves.

    Raises UserError naming the setting when it serves several or none, or does not answer.
    """
    import httpx

    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        answer = httpx.get(f"{base_url.rstrip('/')}/models", headers=headers, timeout=_TIMEOUT_S)
        names = [str(entry["id"]) for entry in answer.raise_for_status().json()["data"]]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{base_url}/models does not list its models ({error}); set WORKBENCH_LLM_MODEL") from error
    if len(names) != 1:
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        raise UserError(f"set WORKBENCH_LLM_MODEL; {base_url} serves {shown or 'no model'}")
    return names[0]
