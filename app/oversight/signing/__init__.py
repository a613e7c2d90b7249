"""What a wallet is asked to sign, in words."""
