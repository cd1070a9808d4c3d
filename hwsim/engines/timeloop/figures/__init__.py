"""What accesses amount to: capacity, time, energy, Timeloop's labels."""
