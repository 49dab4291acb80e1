"""From a trained system to predictions and official scores (Section 4.1)."""
