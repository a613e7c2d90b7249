"""Court orders: one regulator issues an order, another one executes it after a delay."""
