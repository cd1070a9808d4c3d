"""What the arrays of a weight file are: every one is a layer's, costs no MACs, or is refused."""
