"""Offers, campaigns and cash."""
