"""The fabric of STONNE: fibers packed onto multipliers, trees, ports, buses."""
