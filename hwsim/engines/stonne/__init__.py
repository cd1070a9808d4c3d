"""All of STONNE: the fabric, the machines on it, its files, and its program."""
