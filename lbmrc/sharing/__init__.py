"""A trained system for others: its model card, a folder ready for a hub, ONNX."""
