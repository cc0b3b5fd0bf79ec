"""From feedback to a promoted model."""
