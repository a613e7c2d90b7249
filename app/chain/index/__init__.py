"""What the chain says, in tables."""
