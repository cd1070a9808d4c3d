"""The tests of hwsim; a package so that tests can import ``tests.measured``."""
