"""Reads the chain into tables."""
