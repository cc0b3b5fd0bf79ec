"""In and out: files become records, labels and proposals, and the other way round."""
