"""The exception for errors in the user's input; its message says how to fix them."""


class UserError(Exception):
    """Bad input. The message names the file, the place in it and the remedy."""
