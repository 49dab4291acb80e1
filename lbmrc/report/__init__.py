"""Tables 1-6, charts and the page that shows a whole run."""
