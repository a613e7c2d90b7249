"""Chain engines and nodes."""
