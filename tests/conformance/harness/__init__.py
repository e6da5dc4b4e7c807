"""What the Python-driven runners of the conformance suite share. Knows the case format, not how a binding is called."""
