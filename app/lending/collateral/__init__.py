"""What secures a loan: pieces, conversion, liquidation."""
