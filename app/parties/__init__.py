"""Parties and their credit."""
