"""Shared by all packages: errors, files, text, progress. Imports nothing else from lbmrc."""
