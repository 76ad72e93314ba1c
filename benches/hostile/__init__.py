"""Hostile inputs, one row each: how they are made, how scanners are run on them, and what is right. See ../hostile.py."""
