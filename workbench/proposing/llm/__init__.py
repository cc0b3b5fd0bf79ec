"""Asking language models for proposals: three APIs, one protocol."""
