"""Cross-checks: what does not fit together, and who decided what about it."""
