"""The UI's process: what it answers without a browser, and how little it weighs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from .conftest import REPOSITORY, OpenTab, Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/", "/overview"])
def test_no_page_names_another_host_to_load_from(site: Site, path: str) -> None:
    with urlopen(site.address + path) as answer:
        page = answer.read().decode()
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "fonts.googleapis" not in page
    assert "cdn" not in page


def test_the_process_stays_light(site: Site, open_tab: OpenTab) -> None:
    open_tab()
    open_tab("/overview")
    assert site.process is not None
    status = Path(f"/proc/{site.process.pid}/status").read_text(encoding="utf-8")
    (resident,) = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")]
    assert resident < 500_000, "kB"


def test_the_process_imports_nothing_that_trains() -> None:
    code = (
        "import sys, workbench.ui.pages.curate, workbench.ui.app, workbench.ui.pages.overview;"
        "print([m for m in ('torch', 'sklearn', 'mlflow', 'transformers') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY, timeout=120
    )
    assert answer.stdout.strip() == "[]"
