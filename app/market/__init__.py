"""Offers, campaigns, cash and unclaimed money."""
