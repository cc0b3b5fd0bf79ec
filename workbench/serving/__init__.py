"""Serving: the champion of every project kept loaded, asked one by one or by file, and corrected by its callers."""
