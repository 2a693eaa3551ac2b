"""`make conformance`: the protocol's own test suite, against our server code and our connection code."""
