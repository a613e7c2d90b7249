"""Warehouse receipts, stock and prices."""
