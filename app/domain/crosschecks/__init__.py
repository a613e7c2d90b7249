"""Checks of trade records against each other: what does not fit together, and why."""
