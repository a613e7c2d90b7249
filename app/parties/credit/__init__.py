"""Credit tiers of parties, attested by raters."""
