"""The pre-trained encoder and its span head (Equation 1), and how they compute."""
