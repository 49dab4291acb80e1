"""Programs for the engine `command`, each a translator that others have made."""
