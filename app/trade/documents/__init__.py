"""Documents: invoices and credit notes, read into one model, checked, and encrypted at rest."""
