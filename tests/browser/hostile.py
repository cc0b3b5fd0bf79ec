"""Texts that would do harm if a page, a spreadsheet or a template ever took them for more than text."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine

from db.annotations import save_annotations
from db.engine import writing
from db.guidelines import save_guidelines
from db.promotions import Promotion, save_promotion
from db.types import Annotation, Answer, Kind, Project, Proposal, Status

from .seeding import Seed, llm, seed

CORPUS = (
    "<img src=x onerror=\"window.hit='img'\">",
    "<script>window.hit='script'</script>",
    '"><svg onload="window.hit=\'svg\'">',
    "' onmouseover='window.hit=\"attribute\"' x='",
    "</textarea></style></title><script>window.hit='closed'</script>",
    "<iframe srcdoc=\"<script>parent.hit='frame'</script>\"></iframe>",
    "javascript:window.hit='address'",
    "[x](javascript:window.hit='link') ![y](https://elsewhere.test/y.png)",
    "${window.hit='template'} {{window.hit='braces'}} {{constructor.constructor('window.hit=1')()}}",
    '=HYPERLINK("https://elsewhere.test","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u202etxet\u202c <b>жирный</b> &lt;i&gt; &amp;",
)
ATTACHED = "document.querySelectorAll('.wb-app :is(script, iframe, svg[onload], img[onerror], [onmouseover])').length"


def seed_hostile(engine: Engine) -> Project:
    """A project in which everything that has a name or a text is hostile."""
    categories = [{"name": text, "description": text, "keywords": [text]} for text in CORPUS]
    tags = {text: [{"name": f"тег {text}", "definition": text}] for text in CORPUS}
    proposed = {place: _proposal(text) for place, text in enumerate(CORPUS)}
    what = Seed(
        kind=Kind.BOTH,
        texts=CORPUS,
        proposed=proposed,
        labels={"categories": categories, "tags": tags},
        group=CORPUS[0],
        attributes={CORPUS[1]: CORPUS[2]},
        settings={"blind_share": "0"},
    )
    project, records = seed(engine, what)
    with writing(engine, by=CORPUS[0]) as session:
        save_guidelines(session, project, "\n\n".join(CORPUS))
        answers = [
            Annotation(
                record_id=record.id,
                person=text,
                status=Status.GIVEN,
                answer=Answer(CORPUS[0], (f"тег {CORPUS[0]}",)),
                comment=text,
                duration_ms=1000,
            )
            for record, text in zip(records[:6], CORPUS, strict=False)
        ]
        save_annotations(session, project, answers)
        save_promotion(session, project, Promotion(model_name=CORPUS[0], version="1", verdict=CORPUS[1][:32]))
    return project


def _proposal(text: str) -> Proposal:
    return replace(llm(text, (f"тег {text}",), rationale=text, others={CORPUS[0]: 0.1}), source=text[:255])
