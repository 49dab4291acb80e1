"""What a run shows on the terminal: the running jobs, their progress, and the time left."""
