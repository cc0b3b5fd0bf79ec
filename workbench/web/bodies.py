"""What the requests' bodies have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class Body(BaseModel):
    """A mistyped field is an error, not silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _whole_characters(text: str) -> str:
    # JSON can spell half of a surrogate pair; neither database nor model can do anything with it.
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair") from None
    return text


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("it holds a NUL, which no database keeps")
    return text


Text = Annotated[str, AfterValidator(_whole_characters)]
# Text that is going to be stored.
StoredText = Annotated[Text, AfterValidator(_without_nul)]
