"""``python -m hwsim.stonne_energy`` in place of STONNE's energy script, with its options."""

import sys

from hwsim.cli import app
from hwsim.cli.errors import quiet_exit

if __name__ == "__main__":
    with quiet_exit():
        app(["stonne", "-energy", *sys.argv[1:]], prog_name="hwsim")
