"""The gateway of Cession."""

__version__ = "0.1.0"
