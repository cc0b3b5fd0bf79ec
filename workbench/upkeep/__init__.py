"""Keeping an installation: backing it up, putting a backup in place, finding out what is wrong with it."""
