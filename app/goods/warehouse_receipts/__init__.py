"""Receipts for stored goods: lots that warehouses issue, who holds them, how goods leave."""
