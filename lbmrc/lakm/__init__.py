"""Language-agnostic knowledge phrase masking (Yuan et al. 2020)."""
