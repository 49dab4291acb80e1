"""A trained system behind HTTP: `lbmrc serve`."""
