"""The one exception that means: the user's input is at fault, and here is the remedy."""


class UserError(Exception):
    """Bad input. The message names the file, the place in it and the remedy."""
