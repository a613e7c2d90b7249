"""Tests of movement files by themselves."""
