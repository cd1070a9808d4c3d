"""The version of hwsim, apart so that every stage can name it."""

__version__ = "0.1.0"
