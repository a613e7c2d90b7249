"""What officials do about a fault: stop new risk, and revoke approvals."""
