"""What every room uses: errors, files, text, progress. Imports nothing else of lbmrc."""
