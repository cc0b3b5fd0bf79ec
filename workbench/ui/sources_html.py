"""How far each source agrees with people, as HTML. Pure; names of sources go through `html.escape`."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from workbench.quality.agreement import Agreement, TagAgreement
from workbench.quality.sources import SourceAgreement
from workbench.ui.language import Language, texts


def sources_html(sources: Sequence[SourceAgreement], language: Language) -> str:
    """A table, or a line that says what is lacking for one."""
    words = texts(language)
    if not sources:
        return f'<p class="wb-quiet">{escape(words["nothing_sources"])}</p>'
    rows = []
    for one in sources:
        for key, blind, assisted in (("", one.blind, one.assisted), ("tags", one.blind_tags, one.assisted_tags)):
            if blind is not None or assisted is not None:
                what = f' <span class="wb-quiet">{escape(words["source_tags"])}</span>' if key else ""
                cells = f"<td>{_share(blind)}</td><td>{_share(assisted)}</td>"
                rows.append(f"<tr><th>{_source(one, language)}{what}</th>{cells}</tr>")
    heads = ("column_source", "column_blind", "column_assisted")
    head = "".join(f"<th>{escape(words[key])}</th>" for key in heads)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<p class="wb-quiet">{escape(words["sources_hint"])}</p>{table}'


def _source(one: SourceAgreement, language: Language) -> str:
    stage = texts(language)[f"stage_{one.stage.value.replace('-', '_')}"]
    return f'{escape(one.source)} <span class="wb-chip wb-chip-stage">{escape(stage)}</span>'


def _share(found: Agreement | TagAgreement | None) -> str:
    """A share with its interval drawn over 0–100 % and the number of records."""
    if found is None or not found.n:
        return '<span class="wb-quiet">–</span>'
    share = found.share if isinstance(found, Agreement) else found.jaccard
    middle = 100 * (share or 0.0)
    band = f'<i style="left:{100 * found.low:.1f}%;width:{100 * (found.high - found.low):.1f}%"></i>'
    point = f'<u style="left:{middle:.1f}%"></u>'
    return (
        f'<div class="wb-interval"><b>{middle:.0f}%</b><span class="wb-band">{band}{point}</span>'
        f'<span class="wb-quiet">{100 * found.low:.0f}–{100 * found.high:.0f}% · n = {found.n}</span></div>'
    )
