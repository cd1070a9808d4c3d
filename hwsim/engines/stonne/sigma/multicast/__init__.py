"""SIGMA as published: words of a cycle that any multiplier may take, and blocks of k."""
