"""Proposals by machines: the cascade of stages, from keywords to language models."""
