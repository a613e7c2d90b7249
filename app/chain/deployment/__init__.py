"""Deployment of the contracts."""
