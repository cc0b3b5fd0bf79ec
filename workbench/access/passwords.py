"""Passwords, kept by Argon2id only. Hashing takes a tenth of a second and 64 MiB, on purpose: call it in a thread."""

from __future__ import annotations

import secrets
import string
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from db.errors import UserError

MIN_LENGTH, MAX_LENGTH = 8, 1000
_GENERATED_LENGTH = 16
_LETTERS = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))


def check_password(password: str) -> str:
    """The password as it is hashed; raises UserError, which does not repeat it."""
    normal = _normal(password)
    if not MIN_LENGTH <= len(normal) <= MAX_LENGTH:
        raise UserError(f"password: use {MIN_LENGTH}–{MAX_LENGTH} characters (this one has {len(normal)})")
    if not _is_encodable(normal):
        raise UserError("password: it holds half of a surrogate pair")
    return normal


def hash_password(password: str) -> str:
    """Raises UserError for a password that is too short or too long."""
    return _hasher().hash(check_password(password))


def is_password(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one hashed. None, for an unknown person, takes as long as a wrong one."""
    normal = _normal(password)[: MAX_LENGTH + 1]
    possible = len(normal) <= MAX_LENGTH and _is_encodable(normal)
    try:
        right = _hasher().verify(password_hash or _nobodys_hash(), normal if possible else "")
    except (VerificationError, InvalidHashError):
        return False
    return right and possible and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was hashed with other parameters than today's: hash again while the password is at hand."""
    return _hasher().check_needs_rehash(password_hash)


def new_password() -> str:
    """A random one for a person to be told; without letters that are mistaken for others."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_GENERATED_LENGTH))


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe())


def _normal(password: str) -> str:
    # Keyboards differ in how they compose the same letter.
    return unicodedata.normalize("NFC", password)


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
