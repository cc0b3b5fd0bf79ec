from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.local_path import local_path


@pytest.mark.parametrize("path", ["/", "/overview", "/overview?project=a%20b&x=1", "/records?q=%D1%8F#r7", "/a/b:c@d"])
def test_a_path_on_this_host_is_kept(path: str) -> None:
    assert local_path(path) == path


ELSEWHERE = [
    *(
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "/\n/evil.test",
        "\t//evil.test",
    ),
    *("https://evil.test", "https:evil.test", "http:/evil.test", "javascript:alert(1)", "data:text/html,x"),
    *("evil.test", "@evil.test", "", None, " /x", "/x\r\nSet-Cookie: a=b", "/я", '/"><script>', "/\x00/evil.test"),
    "/" + "x" * 2001,
]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_anything_else_leads_to_the_first_page(elsewhere: str | None) -> None:
    assert local_path(elsewhere) == "/"


@given(wanted=st.text(alphabet="/\\:.@?#%ab \t\r\n\x00;jsx", max_size=20))
def test_whatever_is_wanted_a_browser_stays_on_this_host(wanted: str) -> None:
    # Browsers drop tabs and line breaks, and take a backslash for a slash.
    led = local_path(wanted)
    read = "".join(letter for letter in led if letter not in "\t\r\n").replace("\\", "/")
    assert urlsplit(urljoin("http://here/login", read)).netloc == "here"
