"""A machine of multiplier lanes, from outside of hwsim."""
