"""From batches to a trained net and its record."""
