"""Participations: shares of what a loan's lender gets, sold to other financiers."""
