"""Machine translation engines: from texts in the source language to their translations."""
