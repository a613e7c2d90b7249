"""Deploys the contracts and verifies a deployment."""
