"""Set-up, compilation and deployment scripts."""
