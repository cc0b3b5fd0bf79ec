"""What the doctor looks at: each check a small function that yields its findings."""
