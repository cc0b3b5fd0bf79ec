"""GET /docs: the operations as one plain page. FastAPI's own page loads its script from another host; this one none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_DEEPEST = 6
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --line: light-dark(#dedbd3, #343b41); --sunk: light-dark(#f0eee9, #262c31); }}
body {{ max-width: 860px; margin: 0 auto; padding: 24px 16px 64px; font: 16px/1.5 system-ui, sans-serif; }}
section {{ border-top: 1px solid var(--line); padding: 8px 0 16px; }}
h2 {{ font: 600 17px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }}
pre {{ background: var(--sunk); padding: 12px; border-radius: 8px; overflow: auto; font-size: 14px; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{summary}. The same for programs: <a href="openapi.json">openapi.json</a>. Errors are one line:
<code>{{"detail": "…"}}</code>. Once there are users, a request needs a token with the scope that is named:
<code>Authorization: Bearer wb_…</code> (<code>workbench tokens add</code>).</p>
{operations}
</body>
</html>
"""


def docs_routes() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    def docs(request: Request) -> HTMLResponse:
        page = docs_page(request.app.openapi(), str(request.base_url).rstrip("/"))
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})

    return router


def docs_page(spec: Mapping[str, Any], address: str) -> str:
    """The whole page for an OpenAPI description of a service at `address`."""
    operations = "\n".join(
        _operation(method.upper(), path, operation, spec, address)
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    )
    info = spec["info"]
    return _PAGE.format(title=escape(info["title"]), summary=escape(info.get("summary", "")), operations=operations)


def _operation(method: str, path: str, operation: Mapping[str, Any], spec: Mapping[str, Any], address: str) -> str:
    parts = [f"<h2>{method} {escape(path)}</h2>"]
    parts += [f"<p>{escape(text)}</p>" for text in operation.get("description", "").split("\n\n") if text]
    parts += [f"<p>{escape(line)}</p>" for line in _parameters(operation)]
    parts.append(f"<pre>{escape(_call(method, path, operation, spec, address))}</pre>")
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema")
    if answer:
        parts.append(f"<pre>{escape(_shown(example_of(answer, spec)))}</pre>")
    return "<section>\n" + "\n".join(parts) + "\n</section>"


def _parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] != "path":
            told = parameter.get("description", "")
            yield f"{parameter['in']} {parameter['name']}{': ' + told if told else ''}"


def _call(method: str, path: str, operation: Mapping[str, Any], spec: Mapping[str, Any], address: str) -> str:
    lines = ["curl" + ("" if method == "GET" else f" -X {method}") + f" '{address}{path}'"]
    if operation.get("security"):
        lines.append("-H 'Authorization: Bearer wb_…'")
    if body := operation.get("requestBody"):
        schema = next(iter(body["content"].values()))["schema"]
        lines += ["-H 'Content-Type: application/json'", f"-d '{_shown(example_of(schema, spec))}'"]
    return " \\\n  ".join(lines)


def example_of(schema: Mapping[str, Any], spec: Mapping[str, Any], depth: int = 0) -> Any:
    """A value of the schema's shape, for people to see what goes where."""
    schema = _resolved(schema, spec)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "")
    if kind == "object" and depth < _DEEPEST:
        named = {name: example_of(part, spec, depth + 1) for name, part in schema.get("properties", {}).items()}
        others = schema.get("additionalProperties")
        return named | ({"…": example_of(others, spec, depth + 1)} if isinstance(others, dict) else {})
    if kind == "array" and depth < _DEEPEST:
        return [example_of(schema.get("items", {}), spec, depth + 1)]
    return {"string": "…", "number": 0.5, "integer": 1, "boolean": True, "array": [], "null": None}.get(kind, {})


def _resolved(schema: Mapping[str, Any], spec: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema or "anyOf" in schema:
        if "$ref" in schema:
            schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        else:
            schema = next((one for one in schema["anyOf"] if one.get("type") != "null"), {})
    return schema


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
