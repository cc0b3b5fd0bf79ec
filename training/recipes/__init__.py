"""Ways to train, all behind one protocol."""
