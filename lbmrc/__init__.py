"""Language Branch Machine Reading Comprehension, reproduced (Liu et al., COLING 2020)."""
