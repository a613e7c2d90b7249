"""Sends operations to the chain."""
