from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.guidelines import MAX_GUIDELINES
from workbench.ui.markdown import render_markdown

TAGS = set(
    "p br hr em strong s code pre blockquote ul ol li h3 h4 h5 h6 a table thead tbody tr th td".split()  # noqa: SIM905
)
ATTRIBUTES = {
    "a": {"href", "title", "target", "rel"},
    "ol": {"start"},
    "code": {"class"},
    "th": {"style"},
    "td": {"style"},
}
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<!--><script>alert(1)</script-->",
    "<iframe src=//evil.test></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x0A;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](//evil.test)",
    "[x](/logout)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://a.test "\\" onmouseover=alert(1) x=\\"")',
    '[x](https://a.test/"onmouseover=alert(1))',
    "![<img src=x onerror=alert(1)>](https://evil.test/track.png)",
    "![x](javascript:alert(1))",
    '```"><script>alert(1)</script>\nx\n```',
    "~~~ x onload=alert(1)\n</code></pre><script>alert(1)</script>\n~~~",
    "`<script>alert(1)</script>`",
    "| <b>a</b> |\n|:--|\n| <script>x</script> |",
    "${alert(1)} {{value}} =1+1",
]


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def elements(text: str) -> Elements:
    parser = Elements()
    parser.feed(render_markdown(text))
    parser.close()
    return parser


def check_safe(text: str) -> Elements:
    parsed = elements(text)
    for tag, attributes in parsed.found:
        assert tag in TAGS, text
        assert set(attributes) <= ATTRIBUTES.get(tag, set()), text
        if tag == "a":
            assert str(attributes["href"]).startswith(("http://", "https://", "mailto:")), text
            assert attributes["rel"] == "noopener noreferrer"
        assert set(str(attributes.get("style", "text-align:left")).split(":")) <= {
            "text-align",
            "left",
            "center",
            "right",
        }
    return parsed


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_people_write_becomes_more_than_text_and_its_form(attack: str) -> None:
    check_safe(attack)
    check_safe(f"# {attack}\n\n- {attack}\n\n> {attack}\n\n| a |\n|---|\n| {attack} |")


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.lists(st.one_of(st.sampled_from(ATTACKS), st.text(max_size=12), st.sampled_from("[]()!<>`*_~#|\n \"'&:"))).map(
        "".join
    )
)
def test_nothing_that_chance_writes_does_either(text: str) -> None:
    check_safe(text)


def test_the_forms_of_guidelines_are_shown() -> None:
    found = check_safe(
        "# Правила\n\n1. **раз**\n2. ~~два~~\n\n| a | b |\n|---|--:|\n| x | y |\n\n[сайт](https://a.test/ю)\nстрока"
    )
    assert [tag for tag, _ in found.found][:4] == ["h3", "ol", "li", "strong"]
    assert {"table", "th", "td", "a", "br", "s"} <= {tag for tag, _ in found.found}


def test_pictures_are_not_loaded_but_told() -> None:
    assert render_markdown("![схема](https://evil.test/a.png)") == "<p><em>схема</em></p>\n"
    assert render_markdown("![](https://evil.test/a.png)") == "<p><em>https://evil.test/a.png</em></p>\n"


def test_html_is_shown_as_it_was_written() -> None:
    assert elements("a <b>bold</b> & <i>").text.strip() == "a <b>bold</b> & <i>"


@pytest.mark.parametrize("piece", ["[", "![", "*a ", "`", "> ", "<a", "- ", "| a ", "[x](", "&#", "_*", "\\"])
def test_texts_made_to_be_slow_are_read_all_the_same(piece: str) -> None:
    assert render_markdown((piece * MAX_GUIDELINES)[:MAX_GUIDELINES])
