"""What secures a loan: collateral items, conversion, liquidation."""
