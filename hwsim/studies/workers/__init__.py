"""Who evaluates: threads, processes, other machines."""
