"""Credit tiers of parties, as raters attest them."""
