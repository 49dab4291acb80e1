"""Machine translation: texts of the source language in, their translations out."""
