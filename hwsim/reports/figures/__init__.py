"""Figures for papers: one style, one colour for one thing, the data beside each as a table."""
