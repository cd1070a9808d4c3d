"""``python -m hwsim`` is the ``hwsim`` command."""

from hwsim.start import main

if __name__ == "__main__":
    main()
