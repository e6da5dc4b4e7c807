"""The addresses of the network tests."""
DNS, WEB, ECHO, LITERAL = "203.0.113.53", "203.0.113.10", "203.0.113.20", "203.0.113.30"
PRIVATE, METADATA, WEB6 = "10.9.8.7", "169.254.169.254", "2001:db8:5::10"
SILENT = "203.0.113.99"  # configured nowhere
DATABASE, SHELL = "203.0.113.54", "203.0.113.22"
