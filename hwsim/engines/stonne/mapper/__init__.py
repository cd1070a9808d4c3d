"""STONNE's own mapper of dense GEMMs, for runs that have to be equal to the program's."""
