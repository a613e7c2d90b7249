"""The market: quotes that funders sign, claims sold against cash, put-backs."""
