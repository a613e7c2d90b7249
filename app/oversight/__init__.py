"""Verification, history and orders of the court."""
