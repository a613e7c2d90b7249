"""Chain processes and nodes."""
