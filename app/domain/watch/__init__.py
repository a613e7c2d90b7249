"""Signals of trouble after a loan is drawn, and warning levels: pure rules in whole numbers."""
