"""The commands of `lbmrc`: each adds its arguments to the parser, and runs."""
