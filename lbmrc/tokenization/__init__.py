"""Subwords with exact character offsets."""
