"""Sending of operations."""
