"""Documents, orders, receivables and claims."""
