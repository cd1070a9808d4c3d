"""Networks from PyTorch's modules: run once, every operation by what it is given."""
