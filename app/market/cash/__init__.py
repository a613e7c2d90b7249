"""Cash: tokenised deposits, their balances and transfers."""
