"""Notices to debtors that a claim was assigned, or is under a lien."""
