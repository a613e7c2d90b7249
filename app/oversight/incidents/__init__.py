"""What is done when a fault is found: the stop of new risk, and approvals taken back."""
