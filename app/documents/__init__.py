"""Documents: invoices and credit notes read into one model, checked, fingerprinted and kept sealed."""
