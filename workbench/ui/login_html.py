"""The two pages of ours that are not Gradio's: the login, and the refusal of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from json import dumps

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse

from db.types import Role
from workbench.ui.language import Language, texts

# As static/shell/language.js chooses, until a person chooses otherwise there.
_RUSSIAN_READER = re.compile(r"(?:^|,)\s*(?:ru|be|uk|kk)\b", re.IGNORECASE)
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="icon" href="/ui/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/ui/theme.css">
<link rel="stylesheet" href="/ui/shell.css">
<link rel="stylesheet" href="/ui/parts.css">
<link rel="stylesheet" href="/ui/login.css">
<script src="/ui/early.js"></script>
<script type="module" src="/ui/login.js"></script>
</head>
<body>
<div class="wb-app wb-login">
<div class="wb-login-tools"></div>
<main class="wb-card wb-login-card">
<p class="wb-brand"><img src="/ui/icon.svg" alt="" width="30" height="30"><span>{title}</span></p>
{content}
</main>
</div>
</body>
</html>
"""
_FORM = """{heading}
<form class="wb-form" method="post" action="/login">
{error}
<input type="hidden" name="next" value="{next}">
<div class="wb-field">{name_label}<input class="wb-input" id="name" name="name" value="{name}" maxlength="255"
 autocomplete="username" autocapitalize="none" spellcheck="false" required{focus_name}></div>
<div class="wb-field">{password_label}<input class="wb-input" id="password" name="password" type="password"
 maxlength="1000" autocomplete="current-password" required{focus_password}></div>
{send}
</form>"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A text of ours by its key, with the numbers that are filled into it."""

    key: str
    values: dict[str, int] = field(default_factory=dict)

    def element(self, tag: str, attributes: str, language: Language) -> str:
        """Markup that static/login.js says again in another language."""
        text = texts(language)[self.key].format(**self.values)
        values = escape(dumps(self.values))
        return f'<{tag} {attributes} data-t="{self.key}" data-t-values="{values}">{escape(text)}</{tag}>'


def language_of(headers: Headers) -> Language:
    """The language to begin in, by what the browser says that it reads."""
    return Language.RUSSIAN if _RUSSIAN_READER.search(headers.get("accept-language", "")) else Language.ENGLISH


def login_page(
    headers: Headers, *, wanted: str, name: str = "", error: Said | None = None, status: int = 200
) -> HTMLResponse:
    """The form, as a browser's password manager knows it."""
    language = language_of(headers)
    focus = ("", " autofocus") if name else (" autofocus", "")
    form = _FORM.format(
        heading=Said(key="login_title").element("h1", "", language),
        error="" if error is None else error.element("p", 'class="wb-notice is-bad" role="alert"', language),
        next=escape(wanted),
        name=escape(name),
        name_label=Said(key="login_name").element("label", 'for="name"', language),
        password_label=Said(key="login_password").element("label", 'for="password"', language),
        send=Said(key="login_send").element("button", 'class="wb-button is-primary" type="submit"', language),
        focus_name=focus[0],
        focus_password=focus[1],
    )
    return _page(form, language, status)


def refusal_page(headers: Headers, *, status: int, detail: str, needed: Role | None = None) -> HTMLResponse:
    """A page of one line: which role is needed, or what is wrong."""
    language = language_of(headers)
    title = Said(key="login_forbidden" if needed else "login_refused").element("h1", "", language)
    # In another language static/login.js says it, by the phrase book for lines of the server's.
    told = f'<p data-line="{escape(detail)}">{escape(detail)}</p>'
    if needed is not None:
        told = Said(key=f"login_needs_{needed.value}").element("p", "", language)
    home = Said(key="login_home").element("a", 'class="wb-button" href="/"', language)
    return _page(f"{title}\n{told}\n{home}", language, status)


def _page(content: str, language: Language, status: int) -> HTMLResponse:
    title = escape(texts(language)["brand"])
    html = _PAGE.format(language=language.value, title=title, content=content)
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})
