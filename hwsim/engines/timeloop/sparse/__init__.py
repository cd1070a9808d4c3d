"""What zeros leave of the traffic: formats, gating, skipping."""
