"""Purchase orders: requested by sellers, confirmed by buyers, cover before an invoice exists."""
