"""History: every event of a token, a party or a contract, and balances as of any past block."""
