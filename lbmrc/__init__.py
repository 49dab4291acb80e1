"""Language Branch Machine Reading Comprehension, reproduced (Liu et al., COLING 2020)."""

__version__ = "0.1.0"
