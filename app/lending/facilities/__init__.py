"""Facilities: proposals and their accounts."""
