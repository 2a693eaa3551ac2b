"""Connections to outside servers, against real ones."""
