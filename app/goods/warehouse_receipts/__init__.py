"""Warehouse receipts: lots that warehouses issue, who holds them, and how goods leave."""
