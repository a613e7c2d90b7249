"""The formats of documents for draws."""
