"""What both web services share: bodies, limits, errors as one line."""
