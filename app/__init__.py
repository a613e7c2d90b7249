"""The gateway of Cession."""
