"""Programs for the engine `command`; each wraps a third-party translator."""
