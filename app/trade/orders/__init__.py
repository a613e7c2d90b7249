"""Purchase orders: requested by sellers, confirmed by buyers; collateral before any invoice."""
