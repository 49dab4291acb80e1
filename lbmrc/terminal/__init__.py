"""What a run shows on the terminal: which jobs run, how far each is, and the time left."""
