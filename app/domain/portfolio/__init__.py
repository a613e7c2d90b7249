"""Figures of a book of loans: pure arithmetic in whole numbers, without files or a database."""
