"""Identity of a text, and the blind stream that follows from it. Pure."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

from db.types import Half

BLIND_BUCKETS = 10_000


def normalise(text: str) -> str:
    """NFKC, case-folded, with runs of white space as one space: what "the same text" means everywhere."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def text_key(text: str) -> str:
    """32 hexadecimal digits that are equal exactly where the normalised texts are."""
    return key_of_normalised(normalise(text))


def key_of_normalised(normalised: str) -> str:
    """`text_key` for who has the normalised text already."""
    return blake2b(normalised.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def blind_hash(key: str) -> int:
    """A bucket in 0..9999 from a group name or a text key: the same for everyone and for ever."""
    return _bucket(b"blind", key)


def half(key: str) -> Half:
    """Which half of the blind stream `key` would belong to, by a second, independent hash."""
    return Half.CALIBRATION if _bucket(b"half", key) < BLIND_BUCKETS // 2 else Half.TEST


def in_blind_stream(bucket: int, share: float) -> bool:
    return bucket < blind_end(share)


def blind_end(share: float) -> int:
    """The first bucket that is no longer in the stream."""
    return round(share * BLIND_BUCKETS)


def _bucket(purpose: bytes, key: str) -> int:
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8, person=purpose).digest()
    return int.from_bytes(digest, "big") % BLIND_BUCKETS
