"""Requests to quote: a seller asks financiers for offers for its claim."""
