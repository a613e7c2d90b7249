"""Requests to quote: a seller asks lenders for offers for its claim."""
