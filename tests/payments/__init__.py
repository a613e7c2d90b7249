"""Tests of messages to banks and from them."""
