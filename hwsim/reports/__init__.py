"""Results for people: text for a terminal, plots."""
