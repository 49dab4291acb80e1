"""Charts of a report as SVG: one module per chart; a frame is the input, a figure the result."""
